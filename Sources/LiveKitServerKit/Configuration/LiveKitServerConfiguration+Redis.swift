extension LiveKitServerConfiguration {
    /// Where the nodes of a cluster meet. Without a server there is one node alone.
    public struct Redis: Hashable, Sendable {
        /// TLS towards Redis and its sentinels.
        public struct TLS: Hashable, Sendable {
            /// Whether connections are encrypted.
            public var isEnabled = false
            /// Whether the server's certificate is not verified.
            public var isInsecure = false
            /// Who the certificate must be of, when that is not the host that is connected to.
            public var serverName = ""
            /// A file of trusted roots; the system's roots where there is none.
            public var caCertificateFile = ""
            /// A file with a certificate of our own.
            public var clientCertificateFile = ""
            /// Its private key.
            public var clientKeyFile = ""

            /// No TLS.
            public init() {}
        }

        /// The server, as `host:port`.
        public var address = ""
        /// The user, where there is one.
        public var username = ""
        /// The user's password.
        public var password = ""
        /// The number of the database.
        public var database = 0
        /// How connections are encrypted.
        public var tls = TLS()
        /// Sentinels that know where the server is, each as `host:port`. They win over ``address``.
        public var sentinelAddresses: [String] = []
        /// The name by which the sentinels know it.
        public var sentinelMasterName = ""
        /// The user of the sentinels.
        public var sentinelUsername = ""
        /// That user's password.
        public var sentinelPassword = ""
        /// The nodes of a Redis Cluster. Not served: a configuration that has any is refused.
        public var clusterAddresses: [String] = []
        /// How long a connection may take to be made.
        public var connectTimeout = Duration.seconds(5)
        /// How long a command may take, the wait for a connection included.
        public var commandTimeout = Duration.seconds(3)

        /// No Redis.
        public init() {}

        /// Whether there is a server to meet at.
        public var isConfigured: Bool { !address.isEmpty || !sentinelAddresses.isEmpty }
    }
}

extension LiveKitServerConfiguration.Redis {
    /// An hour. Nobody waits for longer.
    private static let longestTimeout = 3_600_000

    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        address = try reader.string("address") ?? address
        username = try reader.string("username") ?? username
        password = try reader.string("password") ?? password
        database = try reader.integer("db", in: 0...Int(Int32.max)) ?? database
        tls.isEnabled = try reader.flag("use_tls") ?? tls.isEnabled
        try reader.section("tls") { reader throws(ConfigurationError) in
            tls.isEnabled = try reader.flag("enabled") ?? tls.isEnabled
            tls.isInsecure = try reader.flag("insecure") ?? tls.isInsecure
            tls.serverName = try reader.string("server_name") ?? tls.serverName
            tls.caCertificateFile = try reader.string("ca_cert_file") ?? tls.caCertificateFile
            tls.clientCertificateFile = try reader.string("client_cert_file") ?? tls.clientCertificateFile
            tls.clientKeyFile = try reader.string("client_key_file") ?? tls.clientKeyFile
        }
        sentinelAddresses = try reader.strings("sentinel_addresses") ?? sentinelAddresses
        sentinelMasterName = try reader.string("sentinel_master_name") ?? sentinelMasterName
        sentinelUsername = try reader.string("sentinel_username") ?? sentinelUsername
        sentinelPassword = try reader.string("sentinel_password") ?? sentinelPassword
        clusterAddresses = try reader.strings("cluster_addresses") ?? clusterAddresses
        try readTimeouts(&reader)
    }

    /// LiveKit's are of a socket. A command is written and read; 0 leaves the default.
    private mutating func readTimeouts(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let dial = try reader.integer("dial_timeout", in: 0...Self.longestTimeout) ?? 0
        let read = try reader.integer("read_timeout", in: 0...Self.longestTimeout) ?? 0
        let write = try reader.integer("write_timeout", in: 0...Self.longestTimeout) ?? 0
        if dial > 0 { connectTimeout = .milliseconds(dial) }
        if read + write > 0 { commandTimeout = .milliseconds(read + write) }
    }

    func validate() throws(ConfigurationError) {
        guard clusterAddresses.isEmpty else {
            throw ConfigurationError(
                "redis.cluster_addresses: Redis Cluster is not served; set redis.address or redis.sentinel_addresses")
        }
        guard sentinelAddresses.isEmpty == sentinelMasterName.isEmpty else {
            throw ConfigurationError("redis.sentinel_addresses and redis.sentinel_master_name belong together")
        }
        for address in sentinelAddresses + (address.isEmpty ? [] : [address]) {
            guard Self.isAddress(address) else {
                throw ConfigurationError("redis: \(address) is not a host and port such as 10.0.0.1:6379")
            }
        }
        guard tls.clientCertificateFile.isEmpty == tls.clientKeyFile.isEmpty else {
            throw ConfigurationError("redis.tls.client_cert_file and redis.tls.client_key_file belong together")
        }
    }

    /// A host, or a host and a port behind the last colon. An IPv6 address with a port has brackets.
    private static func isAddress(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return !text.isEmpty }
        let host = text[..<colon]
        guard let port = UInt16(text[text.index(after: colon)...]), port > 0, !host.isEmpty else { return false }
        return host.hasPrefix("[") ? host.hasSuffix("]") : !host.contains(":")
    }
}
