internal import LiveKitCore
internal import LiveKitProtobuf

// What was promised and does not come.

extension RoomState {
    /// Looks for tracks that do not start, in either direction.
    mutating func reportFailures(now: MediaInstant) {
        for sid in order {
            reportFailedSubscriptions(of: sid, now: now)
            reportFailedPublications(of: sid, now: now)
        }
    }

    /// Something is being forwarded to a participant from now on.
    mutating func subscriptionBegan(_ track: TrackSID, of sid: ParticipantSID) {
        participants[sid]?.awaited[track] = nil
        guard participants[sid]?.subscriptions.contains(track) == true, participants[sid]?.isHidden == false else {
            return
        }
        announceSubscribed(track)
    }

    /// Tells a publisher of its first subscriber, from whom on clients let go of what they have kept.
    private mutating func announceSubscribed(_ track: TrackSID) {
        guard let publisher = publisherByTrack[track],
            let index = participants[publisher]?.tracks.firstIndex(where: { $0.sid == track }),
            participants[publisher]?.tracks[index].wasAnnouncedAsSubscribed == false
        else { return }
        participants[publisher]?.tracks[index].wasAnnouncedAsSubscribed = true
        guard participants[publisher]?.client.decodesLaterResponses == true else { return }
        var subscribed = Livekit_TrackSubscribed()
        subscribed.trackSid = track.rawValue
        signal(publisher, .trackSubscribed(subscribed))
    }

    private mutating func reportFailedSubscriptions(of sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid], let activeAt = participant.activeAt,
            participant.signalLostAt == nil
        else { return }
        for (track, since) in participant.awaited
        where now - max(since, activeAt) >= RoomBounds.subscriptionStart {
            participants[sid]?.awaited[track] = nil
            emit(.notice(.subscriptionFailed(sid, track)))
            signal(sid, .subscriptionResponse(Livekit_SubscriptionResponse(track, .seUnknown)))
            guard rules.reconnection.afterSubscriptions else { continue }
            return remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
        }
    }

    private mutating func reportFailedPublications(of sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid], let connectedAt = participant.publishesSince else { return }
        for (index, track) in participant.pendingTracks.enumerated()
        where !track.isQueued && !track.isOverdue && !track.info.muted
            && now - max(track.awaitedSince, connectedAt) >= RoomBounds.publicationStart
        {
            participants[sid]?.pendingTracks[index].isOverdue = true
            emit(.notice(.publicationFailed(sid, track.sid)))
            guard rules.reconnection.afterPublications else { continue }
            return remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
        }
    }

    /// A participant's data channel has ended under a message.
    mutating func dataChannelFailed(_ channel: DataChannelKind, of sid: ParticipantSID, now: MediaInstant) {
        guard participants[sid] != nil else { return }
        emit(.notice(.dataChannelFailed(sid, channel)))
        guard rules.reconnection.afterDataChannels else { return }
        remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
    }
}
