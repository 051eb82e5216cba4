internal import LiveKitCore
internal import LiveKitProtobuf

/// `livekit.AgentDispatchService`: agents asked into rooms from outside.
struct AgentDispatchService: Sendable {
    let rooms: RoomService

    func createDispatch(
        _ request: Livekit_CreateAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_AgentDispatch {
        try rooms.require(claims) { $0.roomAdmin && $0.room == request.room }
        guard AgentBounds.allows(deployment: request.deployment) else {
            throw TwirpError(.invalidArgument, "a deployment has at most 64 characters, no underscore and no space")
        }
        try rooms.check(metadata: request.metadata)
        try rooms.check(attributes: request.attributes)
        guard request.agentName.count <= AgentBounds.nameLength else {
            throw .exceeding("agent name length exceeds limits", AgentBounds.nameLength)
        }
        var dispatch = Livekit_AgentDispatch()
        dispatch.agentName = request.agentName
        dispatch.metadata = request.metadata
        dispatch.restartPolicy = request.restartPolicy
        dispatch.deployment = request.deployment
        dispatch.attributes = request.attributes
        let added = await (try room(request.room)).change { [dispatch] state, now in
            state.addDispatch(dispatch, now: now)
        }
        guard let added else { throw TwirpError(.resourceExhausted, "the room has too many dispatches") }
        return added
    }

    func deleteDispatch(
        _ request: Livekit_DeleteAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_AgentDispatch {
        let room = try await rooms.administered(request.room, claims)
        let deleted = await room.change { state, now in state.deleteDispatch(request.dispatchID, now: now) }
        guard let deleted else { throw TwirpError(.notFound, "dispatch ID not found") }
        return deleted
    }

    func listDispatch(
        _ request: Livekit_ListAgentDispatchRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListAgentDispatchResponse {
        let room = try await rooms.administered(request.room, claims)
        var response = Livekit_ListAgentDispatchResponse()
        response.agentDispatches = await room.query { state in
            state.agents.dispatches.filter { request.dispatchID.isEmpty || $0.id == request.dispatchID }
        }
        return response
    }

    /// The room, which is made where joining would make it too.
    private func room(_ name: String) async throws(TwirpError) -> RoomController {
        do {
            return try await rooms.registry.openForAPI(name)
        } catch .roomNotFound {
            throw .roomNotFound
        } catch {
            throw TwirpError(.unavailable, "no more rooms can be made")
        }
    }
}
