internal import LiveKitCore
internal import LiveKitProtobuf

// Participants that come from another room, with their connections and their tracks.

extension RoomState {
    /// Whether somebody from another room may come in.
    func checkAdoption(of participant: RoomParticipant) throws(JoinRefusal) {
        guard !isClosed else { throw .roomClosed }
        guard info.maxParticipants > 0, !participant.isDependent else { return }
        let counted = participants.values.count { !$0.isDependent && $0.identity != participant.identity }
        guard counted < Int(info.maxParticipants) else { throw .roomFull }
    }

    /// Lets somebody from another room in. It keeps its SID and those of its tracks, because its client keeps its
    /// peer connections; the client is told where it is now, and everybody here that it came.
    mutating func adopt(_ moved: RoomParticipant, now: MediaInstant) throws(JoinRefusal) {
        try checkAdoption(of: moved)
        if let duplicate = sidByIdentity[moved.identity] {
            remove(duplicate, reason: .duplicateIdentity, leave: .disconnect, now: now)
        }
        var participant = moved
        participant.version &+= 1
        participant.wishes = [:]
        participant.isForwardedElsewhere = false
        participant.subscriptions = []
        participant.undecodable = []
        participant.dataWishes = [:]
        participant.toldQualities = []
        participant.speakerLevel = 0
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
        broadcast(sid, includingSelf: false)
        reopenDataTracks(of: participant)
        reconcileSubscriptions(of: sid, now: now)
        reconcileData(of: sid)
        for track in participant.tracks.map(\.sid) {
            for other in order { reconcile(other, track, now: now) }
        }
        updateDemands(of: participant.tracks.map(\.sid), now: now)
        if participant.state == .active { announce(.participantJoined, participant) }
        for track in participant.tracks { announce(.trackPublished, track.info, of: sid) }
        launchAgents(.jtParticipant, about: sid)
        if participant.isPublisher { launchAgents(.jtPublisher, about: sid) }
        for track in participant.tracks { recordTrack(track.sid, of: sid) }
        emit(.notice(.participantJoined(sid, identity: participant.identity)))
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
