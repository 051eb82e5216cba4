internal import LiveKitCore
internal import LiveKitProtobuf

extension RoomService {
    func listParticipants(
        _ request: Livekit_ListParticipantsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListParticipantsResponse {
        try require(claims) { $0.roomAdmin && $0.room == request.room }
        var response = Livekit_ListParticipantsResponse()
        // An unknown room has nobody in it.
        guard let room = await registry.room(named: request.room) else { return response }
        response.participants = await room.query { state in
            state.order.compactMap { state.participants[$0]?.info }
        }
        return response
    }

    func getParticipant(
        _ request: Livekit_RoomParticipantIdentity, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        let room = try await administered(request.room, claims)
        let info = await room.query { $0.participant(named: request.identity)?.info }
        guard let info else { throw .participantNotFound }
        return info
    }

    func removeParticipant(
        _ request: Livekit_RoomParticipantIdentity, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_RemoveParticipantResponse {
        let room = try await administered(request.room, claims)
        if request.revokeTokenTs > 0 {
            let date = NumericDate(secondsSinceEpoch: request.revokeTokenTs)
            await registry.revokeTokens(of: request.identity, room: request.room, before: date)
        }
        let isRemoved = await room.change { state, now in
            guard let participant = state.participant(named: request.identity) else { return false }
            state.remove(participant.sid, reason: .participantRemoved, leave: .disconnect, now: now)
            return true
        }
        guard isRemoved else { throw .participantNotFound }
        return Livekit_RemoveParticipantResponse()
    }

    func mutePublishedTrack(
        _ request: Livekit_MuteRoomTrackRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_MuteRoomTrackResponse {
        let room = try await administered(request.room, claims)
        let (isKnown, mayUnmute) = await room.query { state in
            (state.participant(named: request.identity) != nil, state.enablesRemoteUnmute)
        }
        guard isKnown else { throw .participantNotFound }
        guard request.muted || mayUnmute else {
            throw TwirpError(.failedPrecondition, "remote unmute not enabled")
        }
        let answer = await room.change { state, now -> Livekit_MuteRoomTrackResponse? in
            guard let participant = state.participant(named: request.identity) else { return nil }
            var response = Livekit_MuteRoomTrackResponse()
            let track = state.setMuted(
                TrackSID(rawValue: request.trackSid), request.muted, of: participant.sid, tellingPublisher: true,
                now: now)
            if let track { response.track = track }
            return response
        }
        guard let answer else { throw .participantNotFound }
        return answer
    }

    func updateParticipant(
        _ request: Livekit_UpdateParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        try check(name: request.name)
        try check(metadata: request.metadata)
        try check(attributes: request.attributes)
        let room = try await administered(request.room, claims)
        let info: Livekit_ParticipantInfo?
        do {
            info = try await room.change { state, now in
                guard let sid = state.participant(named: request.identity)?.sid else { return nil }
                try state.updateDetails(
                    of: sid, name: request.name, metadata: request.metadata, attributes: request.attributes,
                    now: now)
                if request.hasPermission { state.updatePermission(of: sid, request.permission, now: now) }
                return state.participants[sid]?.info
            }
        } catch let refusal as DetailsRefusal {
            throw TwirpError(.invalidArgument, refusal.message)
        } catch {
            throw TwirpError(.internal, "internal error")
        }
        guard let info else { throw .participantNotFound }
        return info
    }

    func updateSubscriptions(
        _ request: Livekit_UpdateSubscriptionsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_UpdateSubscriptionsResponse {
        let room = try await administered(request.room, claims)
        let isKnown = await room.change { state, now in
            guard let sid = state.participant(named: request.identity)?.sid else { return false }
            var update = Livekit_UpdateSubscription()
            update.trackSids = request.trackSids
            update.subscribe = request.subscribe
            update.participantTracks = request.participantTracks
            state.updateSubscription(update, of: sid, now: now)
            return true
        }
        guard isKnown else { throw .participantNotFound }
        return Livekit_UpdateSubscriptionsResponse()
    }

    func forwardParticipant(
        _ request: Livekit_ForwardParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ForwardParticipantResponse {
        let (source, destination) = try await transferred(request.room, request.destinationRoom, claims)
        guard await source.forward(request.identity, to: destination) else { throw .participantNotFound }
        return Livekit_ForwardParticipantResponse()
    }

    func moveParticipant(
        _ request: Livekit_MoveParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_MoveParticipantResponse {
        let (source, destination) = try await transferred(request.room, request.destinationRoom, claims)
        let isMoved: Bool
        do {
            isMoved = try await source.move(request.identity, to: destination)
        } catch .roomFull {
            throw TwirpError(.resourceExhausted, "destination room has exceeded its max participants")
        } catch {
            throw TwirpError(.unavailable, "destination room does not take more")
        }
        guard isMoved else { throw .participantNotFound }
        return Livekit_MoveParticipantResponse()
    }

    /// The two rooms of a transfer; the destination is made where joining would make it.
    private func transferred(
        _ room: String, _ destination: String, _ claims: TokenClaims?
    ) async throws(TwirpError) -> (source: RoomController, destination: RoomController) {
        try require(claims) { $0.roomAdmin && $0.room == room && $0.destinationRoom == destination }
        guard room != destination else {
            throw TwirpError(.invalidArgument, "destination room cannot be the same as source room")
        }
        guard limits.allows(roomName: destination), !destination.isEmpty else {
            throw TwirpError(.invalidArgument, "destination room name is missing or too long")
        }
        guard let source = await registry.room(named: room) else { throw .roomNotFound }
        do {
            return (source, try await registry.openForAPI(destination))
        } catch .roomNotFound {
            throw .roomNotFound
        } catch {
            throw TwirpError(.unavailable, "no more rooms can be made")
        }
    }

    func performRpc(
        _ request: Livekit_PerformRpcRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_PerformRpcResponse {
        try require(claims) { $0.roomAdmin && $0.room == request.room }
        guard !request.destinationIdentity.isEmpty else {
            throw TwirpError(.invalidArgument, "destination identity is required")
        }
        let room = try await administered(request.room, claims)
        do {
            var response = Livekit_PerformRpcResponse()
            response.payload = try await room.performRPC(request)
            return response
        } catch {
            throw TwirpError(error)
        }
    }
}

extension RoomState {
    func participant(named identity: String) -> RoomParticipant? {
        sidByIdentity[identity].flatMap { participants[$0] }
    }
}
