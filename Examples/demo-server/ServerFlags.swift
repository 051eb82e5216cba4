internal import ArgumentParser
internal import Foundation
internal import LiveKitServerKit

/// Makes a configuration of a file and the flags that win over it.
struct ServerFlags {
    private let command: DemoServer

    init(_ command: DemoServer) {
        self.command = command
    }

    func configuration() throws -> LiveKitServerConfiguration {
        var configuration = LiveKitServerConfiguration()
        if let file = command.config {
            configuration = try LiveKitServerConfiguration(yaml: String(contentsOfFile: file, encoding: .utf8))
        }
        if let keys = command.keys { configuration.keys = try LiveKitServerConfiguration.keys(parsing: keys) }
        if !command.bind.isEmpty { configuration.bindAddresses = command.bind }
        if let port = command.port { configuration.port = port }
        if let udpPort = command.udpPort { configuration.rtc.udpPort = udpPort }
        if let nodeIP = command.nodeIP { configuration.rtc.nodeIP = nodeIP }
        if command.dev { configuration.applyDevelopmentDefaults() }
        guard !configuration.keys.isEmpty else {
            throw ValidationError("There are no API keys. Give --keys \"key: secret\", --config FILE, or --dev.")
        }
        return configuration
    }
}
