internal import ArgumentParser
internal import Foundation
internal import LiveKitServerKit

/// The flags of every command that needs a configuration: LiveKit's, and one for each key of its file.
struct ConfigurationFlags: ParsableArguments {
    @Flag(help: "Run with development defaults: devkey/secret, this machine only, debug logs.")
    var dev = false
    @Option(help: "A configuration file in LiveKit's YAML format. Flags and environment variables win over it.")
    var config: String?
    @Option(help: "The same as a text, in the place of a file (LIVEKIT_CONFIG).")
    var configBody: String?
    @Option(help: "An address to listen on. May be repeated.")
    var bind: [String] = []
    @Option(help: "API keys, as \"key: secret\" (LIVEKIT_KEYS).")
    var keys: String?
    @Option(help: "A file of API keys that others cannot read.")
    var keyFile: String?
    @Option(help: "The region that clients are told (LIVEKIT_REGION).")
    var region: String?
    @Option(name: .customLong("node-ip"), help: "The IP address that clients are told for media (NODE_IP).")
    var nodeIP: String?
    @Option(help: "The UDP port of media; 0 takes a free one (UDP_PORT).")
    var udpPort: String?
    @Option(help: "Where Redis is (REDIS_HOST).")
    var redisHost: String?
    @Option(help: "Its password (REDIS_PASSWORD).")
    var redisPassword: String?
    @Option(help: "The certificate of TURN over TLS (LIVEKIT_TURN_CERT).")
    var turnCert: String?
    @Option(help: "Its private key (LIVEKIT_TURN_KEY).")
    var turnKey: String?
    @Option(help: .hidden)
    var cpuprofile: String?
    @Option(help: .hidden)
    var memprofile: String?
    @Flag(help: .hidden)
    var disableStrictConfig = false
    @Argument(parsing: .allUnrecognized, help: "Any key of the file, as --rtc.tcp_port 7881; help-verbose lists them.")
    var settings: [String] = []

    /// The configuration that the flags, the environment and the file come to.
    func load() throws -> LiveKitServerConfiguration {
        var sources = ConfigurationSources()
        sources.environment = ProcessInfo.processInfo.environment
        sources.file = config
        sources.body = configBody
        sources.isStrict = !disableStrictConfig
        try sources.takeFlags(from: settings)
        let named: [(String, String?)] = [
            ("development", dev ? "true" : nil), ("bind_addresses", bind.isEmpty ? nil : bind.joined(separator: ",")),
            ("keys", keys), ("key_file", keyFile), ("region", region), ("rtc.node_ip", nodeIP),
            ("rtc.udp_port", udpPort), ("redis.address", redisHost), ("redis.password", redisPassword),
            ("turn.cert_file", turnCert), ("turn.key_file", turnKey),
        ]
        for (path, value) in named {
            if let value { sources.flags.append((path, value)) }
        }
        return try LiveKitServerConfiguration(sources)
    }
}
