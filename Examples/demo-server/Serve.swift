internal import ArgumentParser
internal import LiveKitServerKit
internal import Logging
internal import UnixSignals

/// Runs the server until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server; what happens without a subcommand.")

    @OptionGroup var flags: ConfigurationFlags
    @Option(help: "The room of the token in the banner.")
    var room = "demo"

    mutating func run() async throws {
        let configuration = try flags.load()
        guard !configuration.keys.isEmpty else {
            throw ValidationError("There are no API keys. Give --keys \"key: secret\", --config FILE, or --dev.")
        }
        ServerLogging.bootstrap(configuration)
        if flags.cpuprofile != nil || flags.memprofile != nil {
            // They are about LiveKit's runtime. Whoever has them in a unit file shall not be turned away.
            Logger(label: "livekit.server").warning("--cpuprofile and --memprofile have no effect in this server")
        }
        ServerProcess.raiseOpenFileLimit()
        let server = try await LiveKitServer(configuration: configuration)
        let announcement = Announcement(server: server, banner: Banner(configuration: configuration, room: room))
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sigquit)
        // Both are cancelled when the server has ended.
        async let _: Void = server.stop(at: signals)
        async let _: Void = announcement.run()
        do {
            try await server.run()
        } catch {
            await ServerLogging.flush()
            throw error
        }
        await ServerLogging.flush()
    }
}
