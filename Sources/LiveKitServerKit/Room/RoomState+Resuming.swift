internal import LiveKitCore
internal import LiveKitProtobuf

// Going on with a session whose signalling was lost: same participant, same SID, same peer connections.

/// Why a session cannot be gone on with; its client is told to start afresh.
enum ResumeRefusal: Error, Sendable, Equatable {
    case unknownSession
}

extension RoomState {
    /// Takes a session up again. What the client must know comes as effects, the `reconnect` response first.
    mutating func resume(
        _ request: ResumeRequest, identity: String, server: JoinResponseTemplate, now: MediaInstant
    ) throws(ResumeRefusal) -> ParticipantSID {
        // A client that was replaced by another of its identity must not take over that one's session.
        guard !isClosed, let sid = sidByIdentity[identity], let participant = participants[sid],
            !participant.isForwarded, request.session.isEmpty || request.session == sid.rawValue
        else { throw .unknownSession }
        participants[sid]?.signalLostAt = nil
        participants[sid]?.mediaLostAt = nil
        guard !hangsUpBeforeMessages(sid, now: now) else { return sid }
        noteReconnect(sid, request.reason, now: now)

        if participant.client.handlesReconnectResponse {
            var response = Livekit_ReconnectResponse()
            response.serverInfo = server.response.serverInfo
            let configuration = clientConfiguration(of: participant, now: now)
            if configuration != Livekit_ClientConfiguration() { response.clientConfiguration = configuration }
            response.lastMessageSeq = participant.lastReliableSequence
            signal(sid, .reconnect(response))
            if participant.client.protocol > 8 { sendDepartures(to: sid, since: participant.lastHeardAt) }
        }
        participants[sid]?.lastHeardAt = now
        let everybody = order.compactMap { participants[$0] }.filter { !$0.isHidden || $0.sid == sid }
        send(everybody.map(\.info), to: [sid])
        var update = Livekit_RoomUpdate()
        update.room = currentInfo
        signal(sid, .roomUpdate(update))
        repeatSubscriptions(of: participant)
        for track in participant.tracks { repeatDemand(of: track.sid, by: sid) }
        emit(.media(.restartICE(sid)))
        emit(.notice(.participantResumed(sid, identity: identity)))
        hangUpAfterMessages(sid, now: now)
        if let state = request.syncState { synchronize(state, of: sid, now: now) }
        return sid
    }

    /// What may have changed of what it is sent, and was told to a socket that was not there any more.
    private mutating func repeatSubscriptions(of participant: RoomParticipant) {
        if participant.lastDataHandle > 0 { sendDataHandles(to: participant.sid) }
        let states = participant.streamStates.values.sorted { $0.track.rawValue < $1.track.rawValue }
        tellStreamStates(states, to: participant.sid)
    }

    /// The client sent something, if only a ping, by which it may say how long the one before took.
    mutating func heard(_ sid: ParticipantSID, roundTrip: MediaDuration? = nil, now: MediaInstant) {
        participants[sid]?.lastHeardAt = now
        if let roundTrip { participants[sid]?.fallback.roundTrip = roundTrip }
    }

    // MARK: Departures

    /// Remembers who left, for those who are away meanwhile.
    mutating func noteDeparture(_ info: Livekit_ParticipantInfo, now: MediaInstant) {
        if departures.count >= RoomBounds.departures { departures.removeFirst() }
        departures.append(Departure(info: info, at: now))
    }

    private mutating func sendDepartures(to sid: ParticipantSID, since: MediaInstant) {
        let missed = departures.filter { departure in
            // Who is here again is told of below; saying first that it left would end what goes on.
            departure.at >= since && sidByIdentity[departure.info.identity] == nil
        }
        send(missed.map(\.info), to: [sid])
    }

    // MARK: What the client believes

    /// `sync_state`: compares what the client believes to be true with what is, and catches up.
    mutating func synchronize(_ state: Livekit_SyncState, of sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        guard holdsPublications(state, participant) else {
            return remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
        }
        for name in state.trackSidsDisabled.prefix(RoomBounds.subscriptionWishes) {
            var settings = Livekit_UpdateTrackSettings()
            settings.trackSids = [name]
            settings.quality = .high
            settings.disabled = true
            updateTrackSettings(settings, of: sid, now: now)
        }
        updateSubscription(state.subscription, of: sid, now: now)
        updateDataSubscription(state.dataSubscription, of: sid, now: now)
        let last = Dictionary(
            state.datachannelReceiveStates.map { (ParticipantSID(rawValue: $0.publisherSid), $0.lastSeq) },
            uniquingKeysWith: max)
        for bytes in replayCache.missed(by: sid, after: last, now: now) {
            emit(.media(.sendData(to: [sid], .reliable, bytes)))
        }
    }

    /// Whether the room has everything that the client believes to publish.
    private func holdsPublications(_ state: Livekit_SyncState, _ participant: RoomParticipant) -> Bool {
        let held = Set(participant.tracks.map(\.info.sid) + participant.pendingTracks.map(\.info.sid))
        let heldData = Set(participant.dataTracks.map(\.info.sid))
        return state.publishTracks.allSatisfy { held.contains($0.track.sid) }
            && state.publishDataTracks.allSatisfy { heldData.contains($0.info.sid) }
    }
}

/// Somebody who left, as others were told.
struct Departure: Sendable {
    var info: Livekit_ParticipantInfo
    var at: MediaInstant
}
