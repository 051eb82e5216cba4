internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// This node among others: how it calls them, what it serves to them, and where rooms are.
struct NodePeers: Sendable {
    /// What calls between nodes stand on.
    struct Ground: Sendable {
        let bus: any MessageBus
        let placement: any RoomPlacing
        /// How long calls to rooms may take: three tries, as LiveKit's.
        var toRooms = RPCOptions(retries: .standard)
    }

    /// What happens here that others must be able to reach, or must know.
    enum Event: Sendable {
        case roomOpened(String)
        case roomClosed(String)
        case joined(room: String, identity: String, ParticipantSID)
        case left(room: String, identity: String, ParticipantSID)
        /// Time has passed: what could not be done is tried again.
        case tick
    }

    /// Events that wait for their channels to be opened or closed: a burst of joins. One more is dropped and logged; who
    /// joined cannot be reached by the API of other nodes then.
    static let waitingEvents = 100_000
    /// Revocations that wait for the bus: an operator's, by hand or by a program's.
    static let waitingRevocations = 10_000
    /// The pause before what the bus did not take is tried again.
    static let retryPause = Duration.seconds(1)
    /// Tokens that all nodes refuse from now on. A word among servers like this one; others do not listen.
    static let tokensRevoked = RPCSubscriptionMethod<Livekit_RoomParticipantIdentity>(
        "LiveKitServerKit", "TokensRevoked")

    let nodeID: String
    let ground: Ground
    let client: RPCClient
    let server: RPCServer
    private let logger: Logger
    private let events = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(waitingEvents))
    private let untold = AsyncStream.makeStream(
        of: Livekit_RoomParticipantIdentity.self, bufferingPolicy: .bufferingOldest(waitingRevocations))

    init(nodeID: String, ground: Ground, logger: Logger) {
        self.nodeID = nodeID
        self.ground = ground
        self.logger = logger
        client = RPCClient(
            services: [
                SignalRPC.service, RoomRPC.service, ParticipantRPC.service, RoomManagerRPC.service,
                AgentDispatchRPC.service,
            ], streaming: [SignalRPC.service], id: nodeID, over: ground.bus)
        server = RPCServer(id: nodeID, over: ground.bus)
    }

    // MARK: Running

    /// Takes calls of other nodes for this one, and lets this one call.
    ///
    /// - Throws: why the bus cannot be reached.
    func start(_ rooms: LocalRooms, _ entrance: RoomEntrance) async throws {
        try await client.start()
        try await server.register(SignalRPC.relaySignal, topic: [nodeID]) { stream in
            await RelayedSession(entrance: entrance, stream: stream).run()
        }
        try await server.register(RoomManagerRPC.createRoom, topic: [nodeID]) { request throws(RPCError) in
            do throws(TwirpError) {
                return try await rooms.createRoom(request)
            } catch {
                throw RPCError(error)
            }
        }
    }

    /// Serves until the task is cancelled.
    func run(_ rooms: LocalRooms) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await client.run() }
            group.addTask { await server.run() }
            group.addTask { await hearRevocations(rooms) }
            group.addTask { await repeatRevocations() }
            group.addTask { while (try? await Task.sleep(for: Self.retryPause)) != nil { tell(.tick) } }
            let topics = RoomTopics(server: server, rooms: rooms, logger: logger)
            for await event in events.stream { await topics.follow(event) }
            group.cancelAll()
        }
    }

    // MARK: What happens here

    /// Queues what others must know. Never waits.
    func tell(_ event: Event) {
        guard case .dropped = events.continuation.yield(event) else { return }
        logger.error("too much happens for other nodes to follow")
    }

    func hear(_ notice: RoomNotice, in room: String) {
        switch notice {
        case .participantJoined(let sid, let identity): tell(.joined(room: room, identity: identity, sid))
        case .participantLeft(let sid, let identity, _): tell(.left(room: room, identity: identity, sid))
        default: break
        }
    }

    /// Tells all nodes which tokens let nobody in any more.
    func tellRevoked(_ request: Livekit_RoomParticipantIdentity) async {
        do {
            try await server.publish(request, to: Self.tokensRevoked)
        } catch {
            logger.warning("other nodes do not know of revoked tokens yet", metadata: ["reason": "\(error.message)"])
            guard case .dropped = untold.continuation.yield(request) else { return }
            logger.error("too many revoked tokens for other nodes to be told of")
        }
    }

    /// What could not be told is told when the bus can be reached again.
    private func repeatRevocations() async {
        for await request in untold.stream {
            while !Task.isCancelled, (try? await server.publish(request, to: Self.tokensRevoked)) == nil {
                try? await Task.sleep(for: Self.retryPause)
            }
        }
    }

    private func hearRevocations(_ rooms: LocalRooms) async {
        await untilCancelled(retrying: Self.retryPause) { () async throws(RPCError) in
            let revocations = try await client.subscribe(to: Self.tokensRevoked)
            for await request in revocations.messages { await rooms.revokeTokens(request) }
            revocations.cancel()
        } failed: { error in
            logger.warning("revoked tokens are not heard of yet", metadata: ["reason": "\(error.message)"])
        }
    }

    // MARK: Where rooms are

    /// The living node that has a room, unless it is this one.
    func otherNode(of room: String) async throws(RPCError) -> String? {
        let node = try await ground.placement.node(of: room)
        return node == nodeID ? nil : node
    }

    /// No room came of it that one was to be here.
    func giveUp(_ room: String) async { await ground.placement.giveUp(room, on: nodeID) }

    /// The node that has a room, or is to have it, unless it is this one.
    func place(_ room: String, on preferred: String = "") async throws(RPCError) -> String? {
        let node = try await ground.placement.place(room, on: preferred)
        return node == nodeID ? nil : node
    }
}
