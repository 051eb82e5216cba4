internal import LiveKitCore
internal import LiveKitProtobuf

// What a room records by itself.

extension RoomState {
    /// A track of somebody started: it is recorded where the room wants that, and its participant from the first one on.
    /// What records is not recorded.
    mutating func recordTrack(_ track: TrackSID, of sid: ParticipantSID) {
        guard let participant = participants[sid], !participant.isRecorder, !participant.isForwarded else { return }
        let isFirst = egress.publishers.insert(sid).inserted
        if isFirst, let wanted = egress.participant {
            emit(.startEgress(wanted.request(identity: participant.identity, room: info)))
        }
        if let wanted = egress.tracks { emit(.startEgress(wanted.request(track: track, room: info))) }
    }

    /// Records the room as a whole.
    mutating func recordRoom(_ wanted: Livekit_RoomCompositeEgressRequest) {
        emit(.startEgress(wanted.request(room: info)))
    }
}
