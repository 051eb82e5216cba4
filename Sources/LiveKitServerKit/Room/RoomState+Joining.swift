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
        if rules.refusesDuplicateIdentity, let duplicate, participants[duplicate]?.signalLostAt == nil {
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

        signal(sid, .join(joinResponse(for: participant, server: server, now: now)))
        emit(.refreshToken(sid))
        var options = ParticipantMediaOptions(
            offersSubscriberAtOnce: participant.isSubscriberPrimary,
            usesPackedStreamID: participant.client.protocol > 0,
            usesSinglePeerConnection: participant.usesSinglePeerConnection,
            reusesTransceivers: participant.client.reusesTransceivers,
            allowsICELite: !intent.refusesICELite && participant.client.takesICELite,
            allowsPause: intent.allowsPause)
        options.takesPacketTrailers = participant.client.capabilities.contains(.capPacketTrailer)
        options.publishCodecs = participant.client.publishCodecs(of: info.enabledCodecs).names
        options.subscribeCodecs = participant.client.subscribeCodecs(of: info.enabledCodecs).names
        options.takesDataTracks = rules.enablesDataTracks
        options.syncsStreams = rules.syncsStreams && participant.client.knowsSharedStreams
        options.acceptsZeroChecksum = participant.client.acceptsZeroChecksum
        options.serverFrameTrailer = serverFrameTrailer
        options.offersHiddenAddresses = participant.client.findsHiddenAddresses
        options.allowsUDP = candidatePreferences.preference(of: participant.identity, now: now) != .tcp
        emit(.media(.addParticipant(sid, options)))
        updateRecording(now: now)
        broadcast(sid, includingSelf: false)
        publishAtOnce(intent, as: sid, now: now)
        launchAgents(.jtParticipant, about: sid)
        emit(.notice(.participantJoined(sid, identity: participant.identity)))
        return sid
    }

    /// What came along with the join. Its offer is answered last, when it is known what it carries both ways.
    private mutating func publishAtOnce(_ intent: JoinIntent, as sid: ParticipantSID, now: MediaInstant) {
        for request in intent.addTrackRequests {
            addTrack(request, from: sid, now: now)
        }
        reconcileSubscriptions(of: sid, now: now)
        if let offer = intent.publisherOffer { receive(.offer(offer), from: sid, now: now) }
    }

    private func checkRoom(for intent: JoinIntent, replacing duplicate: ParticipantSID?) throws(JoinRefusal) {
        guard info.maxParticipants > 0 else { return }
        let joining = RoomParticipant(intent, sid: ParticipantSID(rawValue: ""), now: createdAt, unixMilliseconds: 0)
        let counted = participants.values.count { !$0.isDependent && $0.sid != duplicate }
        guard joining.isDependent || counted + expectedPlaces < Int(info.maxParticipants) else { throw .roomFull }
    }

    private func joinResponse(
        for participant: RoomParticipant, server: JoinResponseTemplate, now: MediaInstant
    ) -> Livekit_JoinResponse {
        var response = server.response
        response.room = currentInfo
        response.participant = participant.info
        response.otherParticipants = order.compactMap { participants[$0] }
            .filter { $0.sid != participant.sid && !$0.isHidden }.map(\.info)
        response.sifTrailer = .init(serverFrameTrailer)
        response.subscriberPrimary = participant.isSubscriberPrimary
        // Where the usual way failed the client does not hurry.
        response.fastPublish =
            participant.permission.canPublish
            && candidatePreferences.preference(of: participant.identity, now: now) == .any
        response.enabledPublishCodecs = participant.client.publishCodecs(of: info.enabledCodecs)
        let configuration = clientConfiguration(of: participant, now: now)
        if configuration != Livekit_ClientConfiguration() { response.clientConfiguration = configuration }
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
        // None of those that wait for another one is to take its place.
        participants[sid]?.pendingTracks.removeAll(where: \.isQueued)
        for track in participant.tracks.map(\.sid) + participant.pendingTracks.map(\.sid) {
            endTrack(track, now: now)
        }
        for track in participant.dataTracks { forgetDataTrack(track.sid) }
        emit(.media(.removeParticipant(sid)))

        participants[sid] = nil
        order.removeAll { $0 == sid }
        if sidByIdentity[participant.identity] == sid { sidByIdentity[participant.identity] = nil }
        simulatedSpeakers[sid] = nil
        for other in order {
            participants[other]?.toldQualities.remove(sid)
        }

        updateDemands(of: participant.subscriptions, now: now)
        participant.tracks = []
        participant.dataTracks = []
        participant.state = .disconnected
        participant.version &+= 1
        if !participant.isHidden {
            var info = participant.info
            info.disconnectReason = reason
            announceDeparture(info, now: now)
        }
        updateRecording(now: now)
        areCountersStale = true
        if !participants.values.contains(where: { !$0.isDependent }), emptySince == nil { emptySince = now }
        if participant.isForwarded { refusedForwards.insert(sid) }
        endAgents(of: participant)
        egress.publishers.remove(sid)
        failRPCs(to: sid)
        announceLeft(participant, wasActive: wasActive, reason)
        // Only its own room has counted it in.
        guard !participant.isForwarded else { return }
        emit(.notice(.participantLeft(sid, identity: participant.identity, reason: reason)))
    }

    /// The signalling connection is gone without a `leave`.
    ///
    /// Before the media stands nothing is left of the session; after it, media goes on for as long as it can, and the
    /// client may come back.
    mutating func signalLost(_ sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        guard participant.state == .active else {
            return remove(sid, reason: .signalClose, leave: nil, now: now)
        }
        participants[sid]?.signalLostAt = now
        // It came back for another path, and went before it asked for one: nothing else would end it.
        if participant.isMediaGone, participant.mediaLostAt == nil { participants[sid]?.mediaLostAt = now }
    }

    /// A peer connection is gone for good. The client is asked to come back and make another path, which it may do
    /// for a while; only clients since protocol 13 can be asked, others see their socket end.
    mutating func mediaLost(_ sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid], participant.mediaLostAt == nil else { return }
        participants[sid]?.mediaLostAt = now
        if participant.client.protocol > 12 { sendLeave(to: sid, reason: .connectionTimeout, action: .resume) }
        emit(.hangUp(sid))
    }

    /// Whether the room is being recorded, as its participants show; everybody is told at once.
    mutating func updateRecording(now: MediaInstant) {
        let isRecorded = participants.values.contains(where: \.isRecorder)
        guard isRecorded != info.activeRecording else { return }
        info.activeRecording = isRecorded
        broadcastRoomUpdate(now: now)
    }

    /// A peer connection changed its state.
    mutating func connectionChanged(
        _ sid: ParticipantSID, _ target: PeerTarget, _ state: PeerConnectionState, now: MediaInstant
    ) {
        guard let participant = participants[sid] else { return }
        participants[sid]?.connectionStates[target] = state
        switch state {
        case .connected:
            participants[sid]?.fallback.connected(target, now: now)
            if target == .publisher, participant.publishesSince == nil { participants[sid]?.publishesSince = now }
            let isPrimary = participant.isSubscriberPrimary ? target == .subscriber : true
            guard isPrimary, participant.state != .active else { return }
            participants[sid]?.state = .active
            participants[sid]?.activeAt = now
            broadcast(sid, .batched)
            if let active = participants[sid] { announce(.participantJoined, active) }
            if !participant.startsFast { reconcileSubscriptions(of: sid, now: now) }
            reconcileData(of: sid)
            emit(.notice(.participantActive(sid, identity: participant.identity)))
        case .failed:
            noteFailure(sid, target, now: now)
            mediaLost(sid, now: now)
        case .connecting, .disconnected:
            break
        }
    }
}
