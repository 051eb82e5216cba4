internal import LiveKitCore
internal import LiveKitProtobuf

// Coming and going (features of joining, duplicates, ACTIVE, leaving).

extension RoomState {
    /// Lets somebody in, or says why not. The `join` response is the first effect for the new session.
    mutating func join(
        _ intent: JoinIntent, server: JoinResponseTemplate, now: MediaInstant
    ) throws(JoinRefusal) -> ParticipantSID {
        guard !isClosed else { throw .roomClosed }
        let duplicate = sidByIdentity[intent.identity]
        if refusesDuplicateIdentity, let duplicate, participants[duplicate]?.signalLostAt == nil {
            throw .identityInUse
        }
        try checkRoom(for: intent, replacing: duplicate)
        if let duplicate {
            remove(duplicate, reason: .duplicateIdentity, leave: .disconnect, now: now)
        }

        let sid = ParticipantSID(rawValue: makeIdentifier("PA_"))
        var participant = RoomParticipant(intent, sid: sid, now: now, unixMilliseconds: unixMilliseconds(now))
        participant.state = .joined
        participants[sid] = participant
        order.append(sid)
        sidByIdentity[participant.identity] = sid
        if !participant.isDependent {
            hasBeenJoined = true
            emptySince = nil
        }
        areCountersStale = true

        signal(sid, .join(joinResponse(for: participant, server: server)))
        emit(.refreshToken(sid))
        let options = ParticipantMediaOptions(
            offersSubscriberAtOnce: participant.isSubscriberPrimary,
            usesPackedStreamID: participant.client.protocol > 0)
        emit(.media(.addParticipant(sid, options)))
        broadcast(sid, includingSelf: false)
        reconcileSubscriptions(of: sid, now: now)
        launchAgents(.jtParticipant, about: sid)
        emit(.notice(.participantJoined(sid, identity: participant.identity)))
        return sid
    }

    private func checkRoom(for intent: JoinIntent, replacing duplicate: ParticipantSID?) throws(JoinRefusal) {
        guard info.maxParticipants > 0 else { return }
        let joining = RoomParticipant(intent, sid: ParticipantSID(rawValue: ""), now: createdAt, unixMilliseconds: 0)
        let counted = participants.values.count { !$0.isDependent && $0.sid != duplicate }
        guard joining.isDependent || counted < Int(info.maxParticipants) else { throw .roomFull }
    }

    private func joinResponse(
        for participant: RoomParticipant, server: JoinResponseTemplate
    ) -> Livekit_JoinResponse {
        var response = server.response
        response.room = currentInfo
        response.participant = participant.info
        response.otherParticipants = order.compactMap { participants[$0] }
            .filter { $0.sid != participant.sid && !$0.isHidden }.map(\.info)
        response.subscriberPrimary = participant.isSubscriberPrimary
        response.fastPublish = participant.permission.canPublish
        response.enabledPublishCodecs = info.enabledCodecs
        return response
    }

    /// Takes a participant out: its tracks end, others are told, its signalling and media are closed.
    mutating func remove(
        _ sid: ParticipantSID, reason: Livekit_DisconnectReason, leave: Livekit_LeaveRequest.Action?,
        now: MediaInstant
    ) {
        guard var participant = participants[sid] else { return }
        let wasActive = participant.state == .active
        if let leave { sendLeave(to: sid, reason: reason, action: leave) }
        emit(.closeSignal(sid))
        for track in participant.tracks.map(\.sid) + participant.pendingTracks.map(\.sid) {
            endTrack(track, now: now)
        }
        emit(.media(.removeParticipant(sid)))

        participants[sid] = nil
        order.removeAll { $0 == sid }
        if sidByIdentity[participant.identity] == sid { sidByIdentity[participant.identity] = nil }
        simulatedSpeakers[sid] = nil
        for other in order {
            participants[other]?.toldQualities.remove(sid)
        }

        participant.tracks = []
        participant.state = .disconnected
        participant.version &+= 1
        if !participant.isHidden {
            var info = participant.info
            info.disconnectReason = reason
            var update = Livekit_ParticipantUpdate()
            update.participants = [info]
            for other in order {
                signal(other, .update(update))
            }
        }
        areCountersStale = true
        if !participants.values.contains(where: { !$0.isDependent }), emptySince == nil { emptySince = now }
        if participant.isForwarded { refusedForwards.insert(sid) }
        endAgents(of: participant)
        failRPCs(to: sid)
        announceLeft(participant, wasActive: wasActive, reason)
        emit(.notice(.participantLeft(sid, identity: participant.identity, reason: reason)))
    }

    /// The signalling connection is gone without a `leave`.
    ///
    /// Before the media stands nothing is left of the session; after it, media goes on for a while, so that the
    /// client can come back.
    mutating func signalLost(_ sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        guard participant.state == .active else {
            return remove(sid, reason: .signalClose, leave: nil, now: now)
        }
        participants[sid]?.signalLostAt = now
    }

    /// A peer connection changed its state.
    mutating func connectionChanged(
        _ sid: ParticipantSID, _ target: PeerTarget, _ state: PeerConnectionState, now: MediaInstant
    ) {
        guard let participant = participants[sid] else { return }
        switch state {
        case .connected:
            let isPrimary = participant.isSubscriberPrimary ? target == .subscriber : true
            guard isPrimary, participant.state != .active else { return }
            participants[sid]?.state = .active
            broadcast(sid)
            if let active = participants[sid] { announce(.participantJoined, active) }
            emit(.notice(.participantActive(sid, identity: participant.identity)))
        case .failed:
            // With its media gone the session cannot be resumed here: the client is to start afresh.
            remove(sid, reason: .connectionTimeout, leave: .reconnect, now: now)
        case .connecting, .disconnected:
            break
        }
    }
}
