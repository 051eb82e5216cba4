internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// Lets other nodes reach the rooms and participants of this one, by the topics that bear their names.
///
/// What is to be reached is one thing, and what can be reached another: while the bus is away nothing is lost but time.
actor RoomTopics {
    private enum Target: Hashable {
        case room(String)
        /// Of whoever has a participant's topic. Those of two rooms may be the same: "a" with "b_c", and "a_b" with "c".
        case participant(String)
    }

    private let server: RPCServer
    private let rooms: LocalRooms
    private let logger: Logger
    /// The topics of who is in the rooms, by the room's name.
    private var present: [String: [ParticipantSID: String]] = [:]
    /// Who is reached by a topic.
    private var holders: [String: Set<ParticipantSID>] = [:]
    private var wanted: Set<Target> = []
    private var open: Set<Target> = []
    /// What is wanted and not open; also some of what was.
    private var missing: [Target] = []
    private var isAway = false

    init(server: RPCServer, rooms: LocalRooms, logger: Logger) {
        (self.server, self.rooms, self.logger) = (server, rooms, logger)
    }

    /// Follows what happens, one after the other.
    func follow(_ event: NodePeers.Event) async {
        switch event {
        case .roomOpened(let name): await want(.room(name))
        case .roomClosed(let name): await roomClosed(name)
        case .joined(let room, let identity, let sid):
            guard let topic = ParticipantRPC.topic(room, identity).first else { return }
            present[room, default: [:]][sid] = topic
            holders[topic, default: []].insert(sid)
            await want(.participant(topic))
        case .left(let room, _, let sid):
            guard let topic = present[room]?.removeValue(forKey: sid) else { return }
            if present[room]?.isEmpty == true { present[room] = nil }
            await left(sid, topic)
        case .tick: await retry()
        }
    }

    private func roomClosed(_ name: String) async {
        // It may have been opened anew meanwhile; then it goes on to be served.
        guard await rooms.registry.room(named: name) == nil else { return }
        await drop(.room(name))
        for (sid, topic) in present.removeValue(forKey: name) ?? [:] { await left(sid, topic) }
    }

    private func left(_ sid: ParticipantSID, _ topic: String) async {
        holders[topic]?.remove(sid)
        guard holders[topic]?.isEmpty == true else { return }
        holders[topic] = nil
        await drop(.participant(topic))
    }

    // MARK: What is wanted and what is open

    private func want(_ target: Target) async {
        guard wanted.insert(target).inserted else { return }
        // While the bus is away each try takes its time; then one is enough now and then.
        if isAway { missing.append(target) } else if await !open(target) { missing.append(target) }
    }

    private func drop(_ target: Target) async {
        wanted.remove(target)
        if open.remove(target) != nil { await close(target) }
    }

    /// Tries all that is missing until one fails, which is the last to be tried next time.
    private func retry() async {
        let targets = missing
        missing = []
        for (index, target) in targets.enumerated() where wanted.contains(target) && !open.contains(target) {
            guard await !open(target) else { continue }
            missing += targets[(index + 1)...] + [target]
            return
        }
    }

    private func open(_ target: Target) async -> Bool {
        do throws(RPCError) {
            switch target {
            case .room(let name): try await openRoom(RoomRPC.topic(name))
            case .participant(let topic): try await openParticipant([topic])
            }
            open.insert(target)
            isAway = false
            return true
        } catch {
            if !isAway {
                logger.warning("other nodes cannot reach what is here", metadata: ["reason": "\(error.message)"])
            }
            isAway = true
            await close(target)
            return false
        }
    }

    private func close(_ target: Target) async {
        switch target {
        case .room(let name): await closeRoom(RoomRPC.topic(name))
        case .participant(let topic): await closeParticipant([topic])
        }
    }

    // MARK: Rooms

    private func openRoom(_ topic: [String]) async throws(RPCError) {
        try await serve(RoomRPC.deleteRoom, topic, rooms.deleteRoom)
        try await serve(RoomRPC.sendData, topic, rooms.sendData)
        try await serve(RoomRPC.updateRoomMetadata, topic, rooms.updateRoomMetadata)
        try await serve(RoomRPC.listParticipants, topic, rooms.listParticipants)
        try await serve(RoomRPC.getParticipant, topic, rooms.getParticipant)
        try await serve(AgentDispatchRPC.createDispatch, topic, rooms.createDispatch)
        try await serve(AgentDispatchRPC.deleteDispatch, topic, rooms.deleteDispatch)
        try await serve(AgentDispatchRPC.listDispatch, topic, rooms.listDispatch)
    }

    private func closeRoom(_ topic: [String]) async {
        await server.deregister(RoomRPC.deleteRoom, topic: topic)
        await server.deregister(RoomRPC.sendData, topic: topic)
        await server.deregister(RoomRPC.updateRoomMetadata, topic: topic)
        await server.deregister(RoomRPC.listParticipants, topic: topic)
        await server.deregister(RoomRPC.getParticipant, topic: topic)
        await server.deregister(AgentDispatchRPC.createDispatch, topic: topic)
        await server.deregister(AgentDispatchRPC.deleteDispatch, topic: topic)
        await server.deregister(AgentDispatchRPC.listDispatch, topic: topic)
    }

    // MARK: Participants

    private func openParticipant(_ topic: [String]) async throws(RPCError) {
        try await serve(ParticipantRPC.removeParticipant, topic, rooms.removeParticipant)
        try await serve(ParticipantRPC.mutePublishedTrack, topic, rooms.mutePublishedTrack)
        try await serve(ParticipantRPC.updateParticipant, topic, rooms.updateParticipant)
        try await serve(ParticipantRPC.updateSubscriptions, topic, rooms.updateSubscriptions)
        try await serve(ParticipantRPC.forwardParticipant, topic, rooms.forwardParticipant)
        try await serve(ParticipantRPC.moveParticipant, topic, rooms.moveParticipant)
        try await serve(ParticipantRPC.performRPC, topic, rooms.performRpc)
    }

    private func closeParticipant(_ topic: [String]) async {
        await server.deregister(ParticipantRPC.removeParticipant, topic: topic)
        await server.deregister(ParticipantRPC.mutePublishedTrack, topic: topic)
        await server.deregister(ParticipantRPC.updateParticipant, topic: topic)
        await server.deregister(ParticipantRPC.updateSubscriptions, topic: topic)
        await server.deregister(ParticipantRPC.forwardParticipant, topic: topic)
        await server.deregister(ParticipantRPC.moveParticipant, topic: topic)
        await server.deregister(ParticipantRPC.performRPC, topic: topic)
    }

    // MARK: Inside

    private func serve<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, _ topic: [String],
        _ body: @escaping @Sendable (Request) async throws(TwirpError) -> Response
    ) async throws(RPCError) {
        try await server.register(method, topic: topic) { request throws(RPCError) in
            do throws(TwirpError) {
                return try await body(request)
            } catch {
                throw RPCError(error)
            }
        }
    }
}
