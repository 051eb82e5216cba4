internal import ArgumentParser
internal import LiveKitCore
internal import LiveKitServerKit
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// A LiveKit server for one machine: flags in, server out.
@main
struct DemoServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-server",
        abstract: "A LiveKit server that browsers and every LiveKit SDK can join.",
        discussion: "With no flag but --dev it takes the key \"devkey\" with the secret \"secret\" on this machine.")

    @Flag(help: "Run with development defaults: devkey/secret, this machine only, debug logs.")
    var dev = false
    @Option(help: "An address to listen on. May be repeated.")
    var bind: [String] = []
    @Option(help: "The TCP port of HTTP and signalling; 0 takes a free one.")
    var port: Int?
    @Option(help: "API keys, as \"key: secret\".")
    var keys: String?
    @Option(help: "The UDP port of media; 0 takes a free one.")
    var udpPort: Int?
    @Option(name: .customLong("node-ip"), help: "The IP address that clients are told for media.")
    var nodeIP: String?
    @Option(help: "A configuration file in LiveKit's YAML format. Flags win over it.")
    var config: String?
    @Option(help: "The room of the token in the banner.")
    var room = "demo"

    mutating func run() async throws {
        let configuration = try ServerFlags(self).configuration()
        let server = try await LiveKitServer(configuration: configuration)
        let banner = Banner(configuration: configuration, room: room)
        let announcement = Announcement(server: server, banner: banner)
        let group = ServiceGroup(
            services: [server, announcement], gracefulShutdownSignals: [.sigint, .sigterm],
            logger: Logger(label: "demo-server"))
        try await group.run()
    }
}
