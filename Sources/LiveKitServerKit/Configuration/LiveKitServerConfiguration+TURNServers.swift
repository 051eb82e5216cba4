internal import Foundation

extension LiveKitServerConfiguration {
    /// A TURN server elsewhere that participants are told.
    ///
    /// It takes either a fixed name and password, or what follows from a secret that it shares with this server.
    public struct TURNServer: Hashable, Sendable {
        /// How participants reach it.
        public enum Transport: String, Hashable, Sendable, CaseIterable { case udp, tcp, tls }

        /// Its name or address.
        public var host = ""
        /// Its port.
        public var port = 0
        /// How participants reach it.
        public var transport = Transport.tcp
        /// The name that everybody uses, where there is no secret.
        public var username = ""
        /// The password that everybody uses, where there is no secret.
        public var credential = ""
        /// The secret from which each participant's password follows (coturn's `use-auth-secret`).
        public var secret = ""
        /// A file with nothing but the secret, which others cannot read.
        public var secretFile = ""
        /// Seconds that such a password serves, a day at most; 0 for four hours.
        public var ttlSeconds = 0

        /// A server of no name yet.
        public init() {}
    }
}

extension LiveKitServerConfiguration.TURNServer {
    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        self.init()
        host = try reader.string("host") ?? host
        port = try reader.port("port") ?? port
        if let text = try reader.string("protocol"), !text.isEmpty {
            guard let known = Transport(rawValue: text) else {
                throw ConfigurationError("rtc.turn_servers has a protocol that is not udp, tcp or tls: \(text)")
            }
            transport = known
        }
        username = try reader.string("username") ?? username
        credential = try reader.string("credential") ?? credential
        secret = try reader.string("secret")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? secret
        secretFile = try reader.string("secret_file") ?? secretFile
        ttlSeconds = try reader.integer("ttl", in: Int.min...Int.max) ?? ttlSeconds
        try reader.finish()
    }

    /// Where participants reach it (RFC 7065).
    var url: String {
        let scheme = transport == .tls ? "turns" : "turn"
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(scheme):\(name):\(port)?transport=\(transport == .udp ? "udp" : "tcp")"
    }

    func validate() throws(ConfigurationError) {
        guard !host.isEmpty, (1...65_535).contains(port) else {
            throw ConfigurationError("rtc.turn_servers needs a host and a port for each server")
        }
        // A password without its name would only be found out by participants.
        guard !secret.isEmpty || !username.isEmpty && !credential.isEmpty else {
            throw ConfigurationError(
                "rtc.turn_servers: \(host) needs a secret, a secret_file, or a username with its credential")
        }
    }
}

extension LiveKitServerConfiguration {
    /// Reads the secrets of ``RTC/turnServers`` that stand in files. One that stands in the configuration wins.
    ///
    /// - Throws: ``ConfigurationError`` when a file cannot be read or is empty, or when others than its owner and group
    ///   may do anything with it.
    public mutating func readTURNSecretFiles() throws {
        for (index, server) in rtc.turnServers.enumerated() where !server.secretFile.isEmpty && server.secret.isEmpty {
            let key = "rtc.turn_servers.secret_file"
            let text = try Self.privateText(ofFile: server.secretFile, key: key)
            let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !secret.isEmpty else { throw ConfigurationError("\(key) is empty: \(server.secretFile)") }
            rtc.turnServers[index].secret = secret
        }
    }
}
