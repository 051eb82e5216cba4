internal import LiveKitCore
internal import LiveKitProtobuf
internal import LiveKitPSRPC

/// `livekit.AgentDispatchService`: agents asked into rooms from outside.
struct AgentDispatchService: Sendable {
    let service: RoomService

    private var rooms: LocalRooms { service.rooms }

    func createDispatch(
        _ request: Livekit_CreateAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_AgentDispatch {
        try service.requireAdmin(claims, request.room)
        guard AgentBounds.allows(deployment: request.deployment) else {
            throw TwirpError(.invalidArgument, "a deployment has at most 64 characters, no underscore and no space")
        }
        try service.check(metadata: request.metadata)
        try service.check(attributes: request.attributes)
        guard request.agentName.count <= AgentBounds.nameLength else {
            throw .exceeding("agent name length exceeds limits", AgentBounds.nameLength)
        }
        if rooms.peers != nil, await rooms.registry.opensByJoining {
            // The room is made where it is to be, so that its node can be reached by its name.
            var creation = Livekit_CreateRoomRequest()
            creation.name = request.room
            _ = try await service.placed(creation)
        }
        return try await service.reach(
            request.room, AgentDispatchRPC.createDispatch, Livekit_AgentDispatch(request), rooms.createDispatch)
    }

    func deleteDispatch(
        _ request: Livekit_DeleteAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_AgentDispatch {
        try service.requireAdmin(claims, request.room)
        return try await service.reach(
            request.room, AgentDispatchRPC.deleteDispatch, request, rooms.deleteDispatch)
    }

    func listDispatch(
        _ request: Livekit_ListAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListAgentDispatchResponse {
        try service.requireAdmin(claims, request.room)
        return try await service.reach(request.room, AgentDispatchRPC.listDispatch, request, rooms.listDispatch)
    }
}

extension Livekit_AgentDispatch {
    fileprivate init(_ request: Livekit_CreateAgentDispatchRequest) {
        self.init()
        room = request.room
        agentName = request.agentName
        metadata = request.metadata
        restartPolicy = request.restartPolicy
        deployment = request.deployment
        attributes = request.attributes
    }
}
