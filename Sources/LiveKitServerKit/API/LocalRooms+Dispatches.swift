internal import LiveKitProtobuf

extension LocalRooms {
    func createDispatch(_ dispatch: Livekit_AgentDispatch) async throws(TwirpError) -> Livekit_AgentDispatch {
        let added = await (try openRoom(dispatch.room)).change { state, now in
            state.addDispatch(dispatch, now: now)
        }
        guard let added else { throw TwirpError(.resourceExhausted, "the room has too many dispatches") }
        return added
    }

    func deleteDispatch(
        _ request: Livekit_DeleteAgentDispatchRequest
    ) async throws(TwirpError) -> Livekit_AgentDispatch {
        let room = try await room(request.room)
        let deleted = await room.change { state, now in state.deleteDispatch(request.dispatchID, now: now) }
        guard let deleted else { throw TwirpError(.notFound, "dispatch ID not found") }
        return deleted
    }

    func listDispatch(
        _ request: Livekit_ListAgentDispatchRequest
    ) async throws(TwirpError) -> Livekit_ListAgentDispatchResponse {
        let room = try await room(request.room)
        var response = Livekit_ListAgentDispatchResponse()
        response.agentDispatches = await room.query { state in
            state.agents.dispatches.filter { request.dispatchID.isEmpty || $0.id == request.dispatchID }
        }
        return response
    }
}
