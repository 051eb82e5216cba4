internal import LiveKitCore
internal import LiveKitProtobuf
internal import LiveKitPSRPC
internal import Logging
internal import SwiftProtobuf

/// Lets other nodes reach the rooms and participants of this one, by the topics that bear their names.
actor RoomTopics {
    private let server: RPCServer
    private let rooms: LocalRooms
    private let logger: Logger
    private var openRooms: Set<String> = []
    /// Who has a participant's topic now, by the room's name and the identity.
    private var participants: [String: [String: ParticipantSID]] = [:]

    init(server: RPCServer, rooms: LocalRooms, logger: Logger) {
        (self.server, self.rooms, self.logger) = (server, rooms, logger)
    }

    func follow(_ event: NodePeers.Event) async {
        do throws(RPCError) {
            switch event {
            case .roomOpened(let name):
                if openRooms.insert(name).inserted { try await openRoom(name) }
            case .roomClosed(let name):
                await closeRoom(name)
            case .joined(let room, let identity, let sid):
                let before = participants[room, default: [:]].updateValue(sid, forKey: identity)
                if before == nil { try await openParticipant(room, identity) }
            case .left(let room, let identity, let sid):
                guard participants[room]?[identity] == sid else { return }
                participants[room]?[identity] = nil
                await closeParticipant(room, identity)
            }
        } catch {
            logger.warning("other nodes cannot reach what is here", metadata: ["reason": "\(error.message)"])
        }
    }

    // MARK: Rooms

    private func openRoom(_ name: String) async throws(RPCError) {
        let topic = RoomRPC.topic(name)
        try await serve(RoomRPC.deleteRoom, topic, rooms.deleteRoom)
        try await serve(RoomRPC.sendData, topic, rooms.sendData)
        try await serve(RoomRPC.updateRoomMetadata, topic, rooms.updateRoomMetadata)
        try await serve(RoomRPC.listParticipants, topic, rooms.listParticipants)
        try await serve(RoomRPC.getParticipant, topic, rooms.getParticipant)
        try await serve(AgentDispatchRPC.createDispatch, topic, rooms.createDispatch)
        try await serve(AgentDispatchRPC.deleteDispatch, topic, rooms.deleteDispatch)
        try await serve(AgentDispatchRPC.listDispatch, topic, rooms.listDispatch)
    }

    private func closeRoom(_ name: String) async {
        // It may have been opened anew meanwhile; then it goes on to be served.
        guard await rooms.registry.room(named: name) == nil else { return }
        openRooms.remove(name)
        let topic = RoomRPC.topic(name)
        await server.deregister(RoomRPC.deleteRoom, topic: topic)
        await server.deregister(RoomRPC.sendData, topic: topic)
        await server.deregister(RoomRPC.updateRoomMetadata, topic: topic)
        await server.deregister(RoomRPC.listParticipants, topic: topic)
        await server.deregister(RoomRPC.getParticipant, topic: topic)
        await server.deregister(AgentDispatchRPC.createDispatch, topic: topic)
        await server.deregister(AgentDispatchRPC.deleteDispatch, topic: topic)
        await server.deregister(AgentDispatchRPC.listDispatch, topic: topic)
        for identity in (participants.removeValue(forKey: name) ?? [:]).keys {
            await closeParticipant(name, identity)
        }
    }

    // MARK: Participants

    private func openParticipant(_ room: String, _ identity: String) async throws(RPCError) {
        let topic = ParticipantRPC.topic(room, identity)
        try await serve(ParticipantRPC.removeParticipant, topic, rooms.removeParticipant)
        try await serve(ParticipantRPC.mutePublishedTrack, topic, rooms.mutePublishedTrack)
        try await serve(ParticipantRPC.updateParticipant, topic, rooms.updateParticipant)
        try await serve(ParticipantRPC.updateSubscriptions, topic, rooms.updateSubscriptions)
        try await serve(ParticipantRPC.forwardParticipant, topic, rooms.forwardParticipant)
        try await serve(ParticipantRPC.moveParticipant, topic, rooms.moveParticipant)
        try await serve(ParticipantRPC.performRPC, topic, rooms.performRpc)
    }

    private func closeParticipant(_ room: String, _ identity: String) async {
        let topic = ParticipantRPC.topic(room, identity)
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
