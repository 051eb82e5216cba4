internal import LiveKitCore
internal import LiveKitProtobuf

// Participants of other rooms, whose tracks are here too. They are sent nothing, and ask for nothing.

extension RoomState {
    /// Shows a participant of another room as it is now. Returns `false` when it is not wanted here: it was removed, or
    /// somebody of its own identity is here.
    mutating func showForwarded(_ source: RoomParticipant, now: MediaInstant) -> Bool {
        let before = participants[source.sid]
        guard !isClosed, !refusedForwards.contains(source.sid),
            before?.isForwarded ?? (sidByIdentity[source.identity] == nil)
        else {
            // What was lent goes back, unless it came here with its publisher.
            if before == nil { for track in source.tracks { emit(.media(.removeTrack(track.sid))) } }
            return false
        }
        var shadow = source
        shadow.isForwarded = true
        shadow.signalLostAt = nil
        shadow.mediaLostAt = nil
        shadow.dataTracks = []
        shadow.dataWishes = [:]
        shadow.wishes = [:]
        shadow.subscriptions = []
        shadow.pendingTracks = []
        shadow.waiting = []
        shadow.refused = []
        shadow.awaited = [:]
        shadow.streamStates = [:]
        shadow.heldPackets = HeldPackets()
        shadow.isReliableChannelOpen = true
        // Who speaks is told in its own room alone.
        shadow.speakerLevel = 0
        for index in shadow.tracks.indices {
            shadow.tracks[index].level = 0
            shadow.tracks[index].wasAnnouncedAsSubscribed = true
        }
        let known = Set(before?.tracks.map(\.sid) ?? [])
        for track in known.subtracting(shadow.tracks.map(\.sid)) { endTrack(track, now: now) }
        if before == nil {
            order.append(shadow.sid)
            sidByIdentity[shadow.identity] = shadow.sid
        }
        participants[shadow.sid] = shadow
        for track in shadow.tracks { publisherByTrack[track.sid] = shadow.sid }
        areCountersStale = true
        broadcast(shadow.sid, includingSelf: false)
        if before == nil { announce(.participantJoined, shadow) }
        for track in shadow.tracks where !known.contains(track.sid) {
            announce(.trackPublished, track.info, of: shadow.sid)
            for other in order { reconcile(other, track.sid, now: now) }
        }
        return true
    }

    /// The participant left its own room.
    mutating func hideForwarded(_ sid: ParticipantSID, now: MediaInstant) {
        if participants[sid]?.isForwarded == true { remove(sid, reason: .migration, leave: nil, now: now) }
        refusedForwards.remove(sid)
    }
}
