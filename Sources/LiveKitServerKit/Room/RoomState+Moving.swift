internal import LiveKitCore
internal import LiveKitProtobuf

// Participants that come from another room, with their connections and their tracks.

extension RoomState {
    /// Keeps a place for somebody from another room, until it is adopted or does not come. It leaves that room in
    /// between, so that nobody may take its place then.
    mutating func expect(_ participant: RoomParticipant) throws(JoinRefusal) {
        guard !isClosed else { throw .roomClosed }
        if info.maxParticipants > 0, !participant.isDependent {
            let counted = participants.values.count { !$0.isDependent && $0.identity != participant.identity }
            guard counted + expectedPlaces < Int(info.maxParticipants) else { throw .roomFull }
        }
        expected[participant.sid] = participant
    }

    /// How many places are kept.
    var expectedPlaces: Int { expected.values.count { !$0.isDependent } }

    /// Lets somebody from another room in. It keeps its SID and those of its tracks, because its client keeps its
    /// peer connections; the client is told where it is now, and everybody here that it came.
    mutating func adopt(_ moved: RoomParticipant, now: MediaInstant) throws(JoinRefusal) {
        if expected.removeValue(forKey: moved.sid) == nil {
            try expect(moved)
            expected[moved.sid] = nil
        }
        guard !isClosed else { throw .roomClosed }
        let shadow = participants[moved.sid]
        if shadow != nil {
            dropShadow(of: moved, now: now)
        } else if let duplicate = sidByIdentity[moved.identity] {
            remove(duplicate, reason: .duplicateIdentity, leave: .disconnect, now: now)
        }
        var participant = moved
        participant.version &+= 1
        participant.wishes = [:]
        participant.isForwardedElsewhere = false
        participant.subscriptions = []
        participant.undecodable = []
        participant.refused = []
        participant.waiting = []
        participant.awaited = [:]
        participant.streamStates = [:]
        participant.dataWishes = [:]
        participant.toldQualities = []
        for index in participant.tracks.indices { participant.tracks[index].wasAnnouncedAsSubscribed = false }
        let sid = participant.sid
        participants[sid] = participant
        order.append(sid)
        sidByIdentity[participant.identity] = sid
        for track in participant.tracks.map(\.sid) + participant.pendingTracks.filter({ !$0.isQueued }).map(\.sid) {
            publisherByTrack[track] = sid
        }
        if !participant.isDependent {
            hasBeenJoined = true
            emptySince = nil
        }
        areCountersStale = true

        signal(sid, .roomMoved(movedResponse(for: participant)))
        updateRecording(now: now)
        broadcast(sid, includingSelf: false)
        reopenDataTracks(of: participant)
        reconcileSubscriptions(of: sid, now: now)
        reconcileData(of: sid)
        for track in participant.tracks.map(\.sid) {
            for other in order { reconcile(other, track, now: now) }
        }
        updateDemands(of: participant.tracks.map(\.sid), now: now)
        let announced = Set(shadow?.tracks.map(\.sid) ?? [])
        if shadow == nil, participant.state == .active { announce(.participantJoined, participant) }
        for track in participant.tracks where !announced.contains(track.sid) {
            announce(.trackPublished, track.info, of: sid)
        }
        launchAgents(.jtParticipant, about: sid)
        if participant.isPublisher { launchAgents(.jtPublisher, about: sid) }
        for track in participant.tracks { recordTrack(track.sid, of: sid) }
        emit(.notice(.participantJoined(sid, identity: participant.identity)))
    }

    /// It was forwarded here, and now comes itself: under the same SID, with the same tracks. Its media is here already,
    /// so nothing may be ended by that SID; what others were sent of it has ended with its going.
    private mutating func dropShadow(of moved: RoomParticipant, now: MediaInstant) {
        let kept = Set(moved.tracks.map(\.sid))
        for track in participants[moved.sid]?.tracks.map(\.sid) ?? [] where !kept.contains(track) {
            endTrack(track, now: now)
        }
        for other in order {
            for track in kept { participants[other]?.forgetSubscription(track) }
        }
        participants[moved.sid] = nil
        order.removeAll { $0 == moved.sid }
    }

    private mutating func reopenDataTracks(of participant: RoomParticipant) {
        for track in participant.dataTracks {
            publisherByTrack[track.sid] = participant.sid
            emit(.media(.openDataTrack(participant.sid, handle: track.handle, track.sid)))
        }
        for other in order where other != participant.sid { reconcileData(other, participant.dataTracks.map(\.sid)) }
    }

    /// Without its token, which the controller makes.
    private func movedResponse(for participant: RoomParticipant) -> Livekit_RoomMovedResponse {
        var response = Livekit_RoomMovedResponse()
        response.room = currentInfo
        response.participant = participant.info
        response.otherParticipants = order.compactMap { participants[$0] }
            .filter { $0.sid != participant.sid && !$0.isHidden }.map(\.info)
        return response
    }
}
