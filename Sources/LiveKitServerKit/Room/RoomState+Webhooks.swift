internal import LiveKitCore
internal import LiveKitProtobuf

// What the world outside is told of a room.

extension RoomState {
    /// Tells of the room as a whole.
    mutating func announce(_ name: WebhookEventName) {
        var event = Livekit_WebhookEvent()
        event.event = name.rawValue
        event.room = currentInfo
        emit(.webhook(event))
    }

    /// Tells of a participant as it is now.
    mutating func announce(_ name: WebhookEventName, _ participant: RoomParticipant) {
        announce(name, participant.info)
    }

    /// Tells that a participant is gone. `wasActive` is whether it ever was.
    mutating func announceLeft(_ participant: RoomParticipant, wasActive: Bool, _ reason: Livekit_DisconnectReason) {
        var info = participant.info
        info.state = .disconnected
        info.disconnectReason = reason
        announce(wasActive ? .participantLeft : .participantConnectionAborted, info)
    }

    /// Tells that the room ends with everybody in it.
    mutating func announceEnd(telling reason: Livekit_DisconnectReason) {
        let everybody = order.compactMap { participants[$0] }
        for participant in everybody {
            for track in participant.tracks { announce(.trackUnpublished, track.info, of: participant.sid) }
            announceLeft(participant, wasActive: participant.state == .active, reason)
        }
        announce(.roomFinished)
    }

    private mutating func announce(_ name: WebhookEventName, _ participant: Livekit_ParticipantInfo) {
        var event = makeEvent(name)
        event.participant = participant
        emit(.webhook(event))
    }

    /// Tells of a track of a participant. As in LiveKit, no more is said of the participant than who it is.
    mutating func announce(_ name: WebhookEventName, _ track: Livekit_TrackInfo, of sid: ParticipantSID) {
        var event = makeEvent(name)
        event.participant.sid = sid.rawValue
        event.participant.identity = participants[sid]?.identity ?? ""
        event.track = track
        emit(.webhook(event))
    }

    private func makeEvent(_ name: WebhookEventName) -> Livekit_WebhookEvent {
        var event = Livekit_WebhookEvent()
        event.event = name.rawValue
        event.room = currentInfo
        return event
    }
}
