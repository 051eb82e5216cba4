internal import ArgumentParser
internal import LiveKitServerKit

/// Lists the ports that a server with these flags opens.
struct Ports: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the ports that the configuration opens.")

    @OptionGroup var flags: ConfigurationFlags

    func run() throws {
        let ports = try flags.load().ports
        for transport in [LiveKitServerConfiguration.ListedPort.Transport.tcp, .udp] {
            print("\(transport.rawValue) Ports")
            for port in ports where port.transport == transport { print(port) }
        }
    }
}
