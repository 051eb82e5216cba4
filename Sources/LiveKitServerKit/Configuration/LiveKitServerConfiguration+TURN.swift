internal import LiveKitCore

extension LiveKitServerConfiguration {
    /// The server's own TURN server.
    public struct TURN: Sendable {
        /// Whether there is one.
        public var isEnabled = false
        /// The name that TLS clients reach it by.
        public var domain = ""
        /// The TLS certificate and those above it, as a PEM file.
        public var certificateFile = ""
        /// The certificate's private key, as a PEM file.
        public var keyFile = ""
        /// The port of TLS, or of plain TCP with ``hasExternalTLS``; 0 for neither.
        public var tlsPort = 0
        /// The port of UDP; 0 for none.
        public var udpPort = 0
        /// The first port that relays are opened on.
        public var relayRangeStart = 30_000
        /// The last port that relays are opened on.
        public var relayRangeEnd = 40_000
        /// Whether somebody else's TLS ends before this server.
        public var hasExternalTLS = false
        /// The addresses to listen on, and to open relays on.
        public var bindAddresses = ["0.0.0.0"]
        /// Relays that one participant may have at once; 0 lifts the limit.
        public var perUserRelayAllocationLimit = 12
        /// Seconds that credentials open relays for.
        public var ttlSeconds = 300
        /// Restricted peers (private, loopback, link-local and such) that are relayed to all the same.
        public var allowRestrictedPeerCIDRs: [String] = []
        /// Peers that are not relayed to, whatever else is said.
        public var denyPeerCIDRs: [String] = []
        /// The TLS port that clients are told: where a terminator or a forwarded port meets them.
        public var advertisedTLSPort = 443

        /// LiveKit's defaults: no TURN server.
        public init() {}
    }
}

extension LiveKitServerConfiguration.TURN {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        isEnabled = try reader.flag("enabled") ?? isEnabled
        domain = try reader.string("domain") ?? domain
        certificateFile = try reader.string("cert_file") ?? certificateFile
        keyFile = try reader.string("key_file") ?? keyFile
        tlsPort = try reader.port("tls_port") ?? tlsPort
        udpPort = try reader.port("udp_port") ?? udpPort
        relayRangeStart = try reader.port("relay_range_start") ?? relayRangeStart
        relayRangeEnd = try reader.port("relay_range_end") ?? relayRangeEnd
        hasExternalTLS = try reader.flag("external_tls") ?? hasExternalTLS
        bindAddresses = try reader.strings("bind_addresses") ?? bindAddresses
        perUserRelayAllocationLimit =
            try reader.integer("per_user_relay_allocation_limit", in: Int.min...Int.max) ?? perUserRelayAllocationLimit
        ttlSeconds = try reader.integer("ttl_seconds", in: Int.min...Int.max) ?? ttlSeconds
        allowRestrictedPeerCIDRs = try reader.strings("allow_restricted_peer_cidrs") ?? allowRestrictedPeerCIDRs
        denyPeerCIDRs = try reader.strings("deny_peer_cidrs") ?? denyPeerCIDRs
        advertisedTLSPort = try reader.port("advertised_tls_port") ?? advertisedTLSPort
    }

    /// Few relays do for one developer, as with LiveKit.
    mutating func applyDevelopmentDefaults() {
        guard relayRangeStart == 30_000, relayRangeEnd == 40_000 else { return }
        relayRangeEnd = 30_002
    }

    func validate() throws(ConfigurationError) {
        guard isEnabled else { return }
        guard udpPort > 0 || tlsPort > 0 else { throw ConfigurationError("turn needs a udp_port or a tls_port") }
        guard (1...65_535).contains(relayRangeStart), (relayRangeStart...65_535).contains(relayRangeEnd) else {
            throw ConfigurationError("turn.relay_range_start and turn.relay_range_end must be ports, in this order")
        }
        guard !bindAddresses.isEmpty else { throw ConfigurationError("turn.bind_addresses is empty") }
        _ = try AddressBlock.blocks(allowRestrictedPeerCIDRs, "turn.allow_restricted_peer_cidrs")
        _ = try AddressBlock.blocks(denyPeerCIDRs, "turn.deny_peer_cidrs")
        guard tlsPort > 0 else { return }
        guard Self.isDomain(domain) else { throw ConfigurationError("turn.domain must be a domain name for TLS") }
        guard hasExternalTLS || !certificateFile.isEmpty && !keyFile.isEmpty else {
            throw ConfigurationError("turn.cert_file and turn.key_file are needed for TLS, or external_tls")
        }
    }

    /// Labels of letters, digits and hyphens.
    private static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
    }
}
