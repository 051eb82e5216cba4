internal import LiveKitCore
internal import LiveKitProtobuf

/// The servers that a participant is told to find its way by, with credentials of its own.
struct ICEServerDirectory: Sendable {
    private let turn: LiveKitServerConfiguration.TURN
    private let external: [LiveKitServerConfiguration.TURNServer]
    private let nodeAddresses: [TransportAddress]
    private let secrets: [String: String]
    private let clock: ServerClock

    /// `nodeAddresses` are the addresses under which clients reach this server.
    init(
        _ configuration: LiveKitServerConfiguration, nodeAddresses: [TransportAddress], clock: ServerClock
    ) {
        turn = configuration.turn
        external = configuration.rtc.turnServers
        secrets = configuration.keys
        self.nodeAddresses = nodeAddresses
        self.clock = clock
    }

    /// For a `join` or `reconnect` response: this server's own, then those elsewhere. Without a known key there are no
    /// credentials for the own one. With `onlyTLS` those over TLS, where there are any.
    func servers(for participant: ParticipantSID, apiKey: String, onlyTLS: Bool = false) -> [Livekit_ICEServer] {
        var servers = external.map { server(elsewhere: $0, for: participant) }
        if let own = ownServer(for: participant, apiKey: apiKey) { servers.insert(own, at: 0) }
        guard onlyTLS else { return servers }
        let secure = servers.compactMap { server in
            var server = server
            server.urls = server.urls.filter { $0.hasPrefix("turns:") }
            return server.urls.isEmpty ? nil : server
        }
        return secure.isEmpty ? servers : secure
    }

    private func ownServer(for participant: ParticipantSID, apiKey: String) -> Livekit_ICEServer? {
        guard !turnURLs.isEmpty, let secret = secrets[apiKey] else { return nil }
        let credentials = TURNCredentials(
            apiKey: apiKey, apiSecret: secret, participant: participant.rawValue,
            lifetimeSeconds: Int64(turn.ttlSeconds), now: clock.unixMilliseconds() / 1000)
        var server = Livekit_ICEServer()
        server.urls = turnURLs
        server.username = credentials.username
        server.credential = credentials.password
        return server
    }

    private func server(
        elsewhere configuration: LiveKitServerConfiguration.TURNServer, for participant: ParticipantSID
    ) -> Livekit_ICEServer {
        var server = Livekit_ICEServer()
        server.urls = [configuration.url]
        guard !configuration.secret.isEmpty else {
            server.username = configuration.username
            server.credential = configuration.credential
            return server
        }
        let credentials = TURNSharedSecretCredentials(
            secret: configuration.secret, participant: participant.rawValue,
            lifetimeSeconds: Int64(configuration.ttlSeconds), now: clock.unixMilliseconds() / 1000)
        server.username = credentials.username
        server.credential = credentials.password
        return server
    }

    private var turnURLs: [String] {
        guard turn.isEnabled else { return [] }
        var urls: [String] = []
        if turn.udpPort > 0 {
            urls += nodeAddresses.map { "turn:\($0.with(port: UInt16(clamping: turn.udpPort)))?transport=udp" }
        }
        if turn.tlsPort > 0 { urls.append("turns:\(turn.domain):\(turn.advertisedTLSPort)?transport=tcp") }
        return urls
    }
}
