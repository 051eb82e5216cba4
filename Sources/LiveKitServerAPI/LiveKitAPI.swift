/// All clients of a LiveKit server's API, with one address and one API key.
///
/// ```swift
/// let api = try LiveKitAPI(url: "https://my.server", apiKey: key, apiSecret: secret)
/// try await api.room.createRoom("kitchen") { $0.emptyTimeout = 600 }
/// for room in try await api.room.listRooms() { print(room.name, room.numParticipants) }
/// ```
///
/// Works with any LiveKit server. Each call has its own token, which grants only what that call needs. Nothing is
/// opened before the first call, and nothing needs to be closed: all clients of a process share their connections.
public struct LiveKitAPI: Sendable {
    /// How long a call may take unless said otherwise.
    public static let defaultTimeout = Duration.seconds(10)

    /// Rooms and participants.
    public let room: RoomServiceClient
    /// Agents asked into rooms.
    public let agentDispatch: AgentDispatchClient
    /// Recording and streaming out.
    public let egress: EgressClient
    /// Streaming in.
    public let ingress: IngressClient
    /// Telephony.
    public let sip: SIPClient

    /// Creates the clients.
    ///
    /// - Parameters:
    ///   - url: The server's address, `https://…` or as clients have it, `wss://…`.
    ///   - apiKey: The API key.
    ///   - apiSecret: Its secret.
    ///   - timeout: How long a call may take. A repeated one takes as long again.
    ///   - failsOver: Whether a call that LiveKit Cloud does not answer is repeated at its other regions, twice at most.
    ///     Other servers have no regions.
    ///   - headers: Sent with each request besides its own, for proxies before the server.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument`` for a `url` that is none.
    public init(
        url: String, apiKey: String, apiSecret: String, timeout: Duration = LiveKitAPI.defaultTimeout,
        failsOver: Bool = true, headers: [String: String] = [:]
    ) throws(ServerError) {
        self.init(
            try TwirpClient(
                url: url, apiKey: apiKey, apiSecret: apiSecret, timeout: timeout,
                failover: RegionFailover(servers: failsOver ? .cloud : .none), headers: headers))
    }

    init(_ twirp: TwirpClient) {
        room = RoomServiceClient(twirp)
        agentDispatch = AgentDispatchClient(twirp)
        egress = EgressClient(twirp)
        ingress = IngressClient(twirp)
        sip = SIPClient(twirp)
    }
}
