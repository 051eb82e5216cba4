internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

extension LocalRooms {
    func listParticipants(
        _ request: Livekit_ListParticipantsRequest
    ) async throws(TwirpError) -> Livekit_ListParticipantsResponse {
        var response = Livekit_ListParticipantsResponse()
        // An unknown room has nobody in it.
        guard let room = await registry.room(named: request.room) else { return response }
        response.participants = await room.query { state in
            state.order.compactMap { state.participants[$0]?.info }
        }
        return response
    }

    func getParticipant(
        _ request: Livekit_RoomParticipantIdentity
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        let room = try await room(request.room)
        let info = await room.query { $0.participant(named: request.identity)?.info }
        guard let info else { throw .participantNotFound }
        return info
    }

    func removeParticipant(
        _ request: Livekit_RoomParticipantIdentity
    ) async throws(TwirpError) -> Livekit_RemoveParticipantResponse {
        // Whether or not there is somebody to be removed now: who has left is to stay away.
        await revokeTokensEverywhere(request)
        let room = try await room(request.room)
        let isRemoved = await room.change { state, now in
            guard let participant = state.participant(named: request.identity) else { return false }
            state.remove(participant.sid, reason: .participantRemoved, leave: .disconnect, now: now)
            return true
        }
        guard isRemoved else { throw .participantNotFound }
        return Livekit_RemoveParticipantResponse()
    }

    func mutePublishedTrack(
        _ request: Livekit_MuteRoomTrackRequest
    ) async throws(TwirpError) -> Livekit_MuteRoomTrackResponse {
        let room = try await room(request.room)
        let (isKnown, mayUnmute) = await room.query { state in
            (state.participant(named: request.identity) != nil, state.rules.enablesRemoteUnmute)
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
        _ request: Livekit_UpdateParticipantRequest
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        let room = try await room(request.room)
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
        _ request: Livekit_UpdateSubscriptionsRequest
    ) async throws(TwirpError) -> Livekit_UpdateSubscriptionsResponse {
        let room = try await room(request.room)
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

    func performRpc(_ request: Livekit_PerformRpcRequest) async throws(TwirpError) -> Livekit_PerformRpcResponse {
        let room = try await room(request.room)
        do {
            var response = Livekit_PerformRpcResponse()
            response.payload = try await room.performRPC(request)
            return response
        } catch {
            throw TwirpError(error)
        }
    }

    // MARK: Transfers

    /// Media does not go from node to node.
    func forwardParticipant(
        _ request: Livekit_ForwardParticipantRequest
    ) async throws(TwirpError) -> Livekit_ForwardParticipantResponse {
        let source = try await room(request.room)
        guard let destination = try await destination(request.destinationRoom) else {
            throw TwirpError(.failedPrecondition, "destination room is on another node")
        }
        do {
            try await source.forward(request.identity, to: destination)
        } catch .tooMany {
            throw TwirpError(.resourceExhausted, "participant is forwarded to as many rooms as may be")
        } catch {
            throw .participantNotFound
        }
        return Livekit_ForwardParticipantResponse()
    }

    /// Who is moved to a room of another node is told to connect again, with a token for that room.
    func moveParticipant(
        _ request: Livekit_MoveParticipantRequest
    ) async throws(TwirpError) -> Livekit_MoveParticipantResponse {
        let source = try await room(request.room)
        guard let destination = try await destination(request.destinationRoom) else {
            guard await source.sendAway(named: request.identity, to: request.destinationRoom) else {
                throw .participantNotFound
            }
            return Livekit_MoveParticipantResponse()
        }
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

    /// The room to go to, which is made where joining would make it; `nil` when it is on another node.
    private func destination(_ name: String) async throws(TwirpError) -> RoomController? {
        if let room = await registry.room(named: name) { return room }
        if let peers {
            do throws(RPCError) {
                // A new one is best where its first participant is.
                guard try await peers.place(name, on: peers.nodeID) == nil else { return nil }
            } catch {
                throw TwirpError(error)
            }
        }
        return try await openRoom(name)
    }
}

extension RoomState {
    func participant(named identity: String) -> RoomParticipant? {
        sidByIdentity[identity].flatMap { participants[$0] }
    }
}
