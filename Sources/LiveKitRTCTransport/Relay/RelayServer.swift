package import LiveKitCore
package import LiveKitRTC

/// A TURN server as a session is told of it, with its name resolved.
package struct RelayServer: Sendable {
    /// What it was named by, for logs and to tell it from others.
    package let url: String
    package let addresses: [TransportAddress]
    package let transport: TURNTransport
    package let username: String
    package let password: String
    /// Whom its certificate has to be for.
    package let host: String
    /// Whom we believe, where ``transport`` is TLS.
    package let trust: TLSClientContext?

    package init(
        url: String, addresses: [TransportAddress], transport: TURNTransport, username: String, password: String,
        host: String, trust: TLSClientContext?
    ) {
        self.url = url
        // Where a host has no IPv6, only silence would tell.
        self.addresses = addresses.filter { $0.family == .ipv4 } + addresses.filter { $0.family == .ipv6 }
        self.transport = transport
        self.username = username
        self.password = password
        self.host = host
        self.trust = trust
    }

    var configuration: TURNAllocationConfiguration {
        var configuration = TURNAllocationConfiguration(transport: transport, username: username, password: password)
        configuration.streamTimeout = RelayLimits.streamTimeout
        return configuration
    }
}

/// Bounds of the relays of one loop, each with its reason and overflow policy.
enum RelayLimits {
    /// TURN servers used at once by one session. A deployment names two or three URLs; further ones are left out, with
    /// a word in the log.
    static let servers = 8
    /// How long a stream's request is waited for. RFC 8489 §6.2.2 has 39.5 s; ICE gives up after 15.
    static let streamTimeout: MediaDuration = .seconds(8)
    /// Room for decrypted bytes: a TLS record.
    static let recordBytes = 16 * 1024
}
