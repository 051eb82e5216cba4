internal import Foundation

/// Where a configuration comes from: a file, the environment, and flags, of which the later ones win.
///
/// ```swift
/// var sources = ConfigurationSources()
/// sources.file = "livekit.yaml"
/// sources.environment = ProcessInfo.processInfo.environment
/// let configuration = try LiveKitServerConfiguration(sources)
/// ```
public struct ConfigurationSources: Sendable {
    /// The path of a file in LiveKit's YAML format. Not read where there is a ``body``.
    public var file: String?
    /// A configuration in LiveKit's YAML format, in the place of a file. The environment may have one as
    /// `LIVEKIT_CONFIG`.
    public var body: String?
    /// The environment variables. `LIVEKIT_` and a key's path in capitals, with `_` between its names, sets that key;
    /// `LIVEKIT_KEYS`, `NODE_IP`, `UDP_PORT`, `REDIS_HOST`, `REDIS_PASSWORD`, `LIVEKIT_TURN_CERT` and
    /// `LIVEKIT_TURN_KEY` are LiveKit's own names.
    public var environment: [String: String] = [:]
    /// Values by the path of their key, such as `rtc.udp_port`. They win over everything else.
    public var flags: [(path: String, value: String)] = []
    /// Whether a key that nobody knows is an error.
    public var isStrict = true

    /// Nothing: the defaults.
    public init() {}

    /// LiveKit's names of environment variables that do not follow the rule.
    private static let aliases = [
        "NODE_IP": "rtc.node_ip", "UDP_PORT": "rtc.udp_port", "REDIS_HOST": "redis.address",
        "REDIS_PASSWORD": "redis.password", "LIVEKIT_TURN_CERT": "turn.cert_file", "LIVEKIT_TURN_KEY": "turn.key_file",
    ]
    private static let keysPath = "keys"

    /// The configuration as a reader, with the origin of what is in no file.
    func reader() throws(ConfigurationError) -> ConfigurationReader {
        var document = try ConfigurationDocument(yaml: try text())
        var origins: [String: String] = [:]
        func set(_ path: String, _ value: String, _ origin: String) throws(ConfigurationError) {
            origins[path] = origin
            if path == Self.keysPath {
                guard (try? document.set(path, toYAML: value)) != nil else {
                    throw ConfigurationError("\(origin): write API keys as \"key: secret\", with the space")
                }
            } else if let key = ConfigurationKey.byPath[path], key.isScalar {
                try document.set(key, to: value)
            } else {
                throw ConfigurationError("\(origin): there is no key \(path) that a text can set")
            }
        }
        for key in ConfigurationKey.all where key.isScalar || key.path == Self.keysPath {
            guard let value = environment[key.environmentName], !value.isEmpty else { continue }
            try set(key.path, value, key.environmentName)
        }
        for (name, path) in Self.aliases.sorted(by: { $0.key < $1.key }) {
            guard let value = environment[name], !value.isEmpty else { continue }
            try set(path, value, name)
        }
        for flag in flags { try set(flag.path, flag.value, "--\(flag.path)") }
        return ConfigurationReader(
            mapping: document.mapping, report: ConfigurationReport(isStrict: isStrict, origins: origins))
    }

    private func text() throws(ConfigurationError) -> String {
        if let body { return body }
        if let body = environment["LIVEKIT_CONFIG"], !body.isEmpty { return body }
        guard let file else { return "" }
        do {
            return try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw ConfigurationError("the configuration file cannot be read: \(file)")
        }
    }
}

extension LiveKitServerConfiguration {
    /// Reads a configuration from a file, the environment and flags, and the files of keys and secrets that it names.
    ///
    /// - Parameter sources: where it comes from.
    /// - Throws: ``ConfigurationError`` with the key, and the line, variable or flag that it came from.
    public init(_ sources: ConfigurationSources) throws {
        var reader = try sources.reader()
        try self.init(&reader)
        try readKeyFile()
        try readTURNSecretFiles()
    }
}
