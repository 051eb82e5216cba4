internal import LiveKitCore
internal import LiveKitProtobuf

/// The servers that a participant is told to find its way by, with credentials of its own.
struct ICEServerDirectory: Sendable {
    private let turn: LiveKitServerConfiguration.TURN
    private let nodeAddresses: [TransportAddress]
    private let secrets: [String: String]
    private let clock: ServerClock

    /// `nodeAddresses` are the addresses under which clients reach this server.
    init(
        _ configuration: LiveKitServerConfiguration, nodeAddresses: [TransportAddress], clock: ServerClock
    ) {
        turn = configuration.turn
        secrets = configuration.keys
        self.nodeAddresses = nodeAddresses
        self.clock = clock
    }

    /// For a `join` or `reconnect` response. Without a known key there are no credentials, and no servers. With
    /// `onlyTLS` those over TLS, where there are any.
    func servers(for participant: ParticipantSID, apiKey: String, onlyTLS: Bool = false) -> [Livekit_ICEServer] {
        let secure = turnURLs.filter { $0.hasPrefix("turns:") }
        let urls = onlyTLS && !secure.isEmpty ? secure : turnURLs
        guard !urls.isEmpty, let secret = secrets[apiKey] else { return [] }
        let credentials = TURNCredentials(
            apiKey: apiKey, apiSecret: secret, participant: participant.rawValue,
            lifetimeSeconds: Int64(turn.ttlSeconds), now: clock.unixMilliseconds() / 1000)
        var server = Livekit_ICEServer()
        server.urls = urls
        server.username = credentials.username
        server.credential = credentials.password
        return [server]
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
