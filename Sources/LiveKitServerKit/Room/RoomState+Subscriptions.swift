internal import LiveKitCore
internal import LiveKitProtobuf

// Who is sent what: wishes against permissions, limits and what there is.

extension RoomState {
    /// `subscription`: the client states which tracks it wants.
    mutating func updateSubscription(_ request: Livekit_UpdateSubscription, of sid: ParticipantSID, now: MediaInstant) {
        let grouped = request.participantTracks.flatMap(\.trackSids)
        for name in request.trackSids + grouped {
            participants[sid]?.undecodable.remove(TrackSID(rawValue: name))
            // Its client believes again that it may have the track, and waits to be told otherwise.
            participants[sid]?.refused.remove(TrackSID(rawValue: name))
            wish(for: TrackSID(rawValue: name), of: sid) { wish in
                wish.isWanted = request.subscribe
                if !request.subscribe { wish.missingSince = nil }
            }
            reconcile(sid, TrackSID(rawValue: name), now: now)
        }
        if !request.subscribe { fillFreedSubscriptions(of: sid, now: now) }
    }

    /// `track_setting`: what a subscriber wants of tracks it is sent.
    mutating func updateTrackSettings(
        _ request: Livekit_UpdateTrackSettings, of sid: ParticipantSID, now: MediaInstant
    ) {
        for name in request.trackSids {
            let track = TrackSID(rawValue: name)
            wish(for: track, of: sid) { $0.stated = StatedSettings(request) }
            guard participants[sid]?.subscriptions.contains(track) == true else {
                reconcile(sid, track, now: now)
                continue
            }
            guard let settings = settings(of: track, for: sid) else { continue }
            emit(.media(.setTrackSettings(sid, track, settings)))
            updateDemand(of: track, now: now)
        }
    }

    private mutating func wish(
        for track: TrackSID, of sid: ParticipantSID, _ change: (inout SubscriptionWish) -> Void
    ) {
        let known = participants[sid]?.wishes[track]
        guard known != nil || participants[sid]?.wishes.count ?? .max < RoomBounds.subscriptionWishes else { return }
        var wish = known ?? SubscriptionWish()
        change(&wish)
        participants[sid]?.wishes[track] = wish
    }

    /// Makes what one subscriber is sent of one track agree with what it wants and may have.
    mutating func reconcile(_ sid: ParticipantSID, _ track: TrackSID, now: MediaInstant) {
        guard participants[sid]?.isForwarded == false else { return }
        guard let publisher = publisherByTrack[track], publisher != sid, publishedTrack(track) != nil else {
            if let wish = participants[sid]?.wishes[track], wish.missingSince == nil {
                participants[sid]?.wishes[track]?.missingSince = now
            }
            return
        }
        participants[sid]?.wishes[track]?.missingSince = nil
        guard let subscriber = participants[sid] else { return }
        let isSent = subscriber.subscriptions.contains(track)
        let isWanted = subscriber.wishes[track]?.isWanted ?? subscriber.subscribesAutomatically

        let isAllowed = mayReceive(sid, track, from: publisher)
        let isReady = subscriber.startsFast || subscriber.state == .active
        let isAsked = isReady && isWanted && subscriber.permission.canSubscribe
        if isAsked { tellPermission(isAllowed, for: track, of: publisher, to: sid) }
        let isDue = isAsked && isAllowed && !subscriber.undecodable.contains(track)
        if isDue, !isSent {
            guard hasRoom(for: track, in: subscriber) else {
                participants[sid]?.waiting.insert(track)
                return
            }
            subscribe(sid, track, publisher: publisher, now: now)
            updateDemand(of: track, now: now)
        } else if !isDue {
            participants[sid]?.waiting.remove(track)
            guard isSent else { return }
            unsubscribe(sid, track, publisher: publisher)
            updateDemand(of: track, now: now)
        }
    }

    mutating func reconcileSubscriptions(of sid: ParticipantSID, now: MediaInstant) {
        for publisher in order where publisher != sid {
            for track in participants[publisher]?.tracks.map(\.sid) ?? [] {
                reconcile(sid, track, now: now)
            }
        }
    }

    /// Where a limit kept tracks out, one that left makes room for one that waits.
    mutating func fillFreedSubscriptions(of sid: ParticipantSID, now: MediaInstant) {
        guard participants[sid]?.waiting.isEmpty == false else { return }
        reconcileSubscriptions(of: sid, now: now)
    }

    /// Looks again at whoever waits for anything: what made room for it may have gone unnoticed.
    mutating func reconcileWaiting(now: MediaInstant) {
        guard now - reconciledAt >= RoomBounds.reconciliation else { return }
        reconciledAt = now
        for sid in order { fillFreedSubscriptions(of: sid, now: now) }
        reportFailures(now: now)
    }

    private mutating func subscribe(
        _ sid: ParticipantSID, _ track: TrackSID, publisher: ParticipantSID, now: MediaInstant
    ) {
        participants[sid]?.waiting.remove(track)
        let isFirst = participants[sid].map { !isSentAnything($0, of: publisher) } ?? false
        participants[sid]?.subscriptions.insert(track)
        participants[sid]?.awaited[track] = now
        if isFirst { tellLevel(of: publisher, to: sid) }
        emit(.media(.subscribe(sid, track)))
        // Who tells what is visible is asked to tell it again: a track that began paused would stay so.
        if participants[sid]?.adaptsStreams == true { participants[sid]?.wishes[track]?.stated?.isEnabled = true }
        if let settings = effectiveSettings(of: track, for: sid) {
            emit(.media(.setTrackSettings(sid, track, settings)))
        }
    }

    /// What is sent to one subscriber of one track; `nil` when nothing was said about it.
    func effectiveSettings(of track: TrackSID, for sid: ParticipantSID) -> TrackSettings? {
        firstSettings(of: track, for: sid) ?? settings(of: track, for: sid)
    }

    /// Who tells how large a picture is shown begins with a small one.
    private func firstSettings(of track: TrackSID, for sid: ParticipantSID) -> TrackSettings? {
        guard let participant = participants[sid], participant.adaptsStreams,
            participant.wishes[track]?.stated == nil, publishedTrack(track)?.info.type == .video
        else { return nil }
        return TrackSettings(maximumLayer: 0)
    }

    private mutating func unsubscribe(_ sid: ParticipantSID, _ track: TrackSID, publisher: ParticipantSID) {
        participants[sid]?.forgetSubscription(track)
        emit(.media(.unsubscribe(sid, track)))
        if let listener = participants[sid], !isSentAnything(listener, of: publisher) {
            tellLevel(of: publisher, to: sid)
        }
    }

    private func hasRoom(for track: TrackSID, in subscriber: RoomParticipant) -> Bool {
        guard let type = publishedTrack(track)?.info.type else { return false }
        let limit = type == .video ? limits.videoSubscriptions : limits.audioSubscriptions
        guard limit > 0 else { return true }
        return subscriber.subscriptions.count { publishedTrack($0)?.info.type == type } < limit
    }

    func publishedTrack(_ track: TrackSID) -> RoomTrack? {
        guard let publisher = publisherByTrack[track] else { return nil }
        return participants[publisher]?.tracks.first { $0.sid == track }
    }

    func mayReceive(_ sid: ParticipantSID, _ track: TrackSID, from publisher: ParticipantSID) -> Bool {
        guard let subscriber = participants[sid], let audience = participants[publisher]?.audience,
            !subscriber.isRecorder
        else { return true }
        return audience.includes(identity: subscriber.identity, track: track)
    }

    // MARK: What does not come

    /// The subscriber's client cannot decode the track: it is told so, and not offered it again unless it asks.
    mutating func codecRefused(_ track: TrackSID, by sid: ParticipantSID, now: MediaInstant) {
        guard participants[sid]?.subscriptions.contains(track) == true else { return }
        participants[sid]?.undecodable.insert(track)
        reconcile(sid, track, now: now)
        signal(sid, .subscriptionResponse(Livekit_SubscriptionResponse(track, .seCodecUnsupported)))
        fillFreedSubscriptions(of: sid, now: now)
    }

    /// Forgets wishes whose track never came, and answers those that wanted it.
    mutating func reportMissingTracks(now: MediaInstant) {
        for sid in order {
            for (track, wish) in participants[sid]?.dataWishes ?? [:] where publisherByTrack[track] == nil {
                guard let since = wish.missingSince, now - since >= RoomBounds.trackNotFound else { continue }
                participants[sid]?.dataWishes[track] = nil
            }
            for (track, wish) in participants[sid]?.wishes ?? [:] {
                guard let since = wish.missingSince, now - since >= RoomBounds.trackNotFound else { continue }
                participants[sid]?.wishes[track] = nil
                guard wish.isWanted == true else { continue }
                signal(sid, .subscriptionResponse(Livekit_SubscriptionResponse(track, .seTrackNotfound)))
            }
        }
    }
}

// MARK: - The publisher's allow-list

extension RoomState {

    /// `subscription_permission`: replaces who may have the participant's tracks.
    mutating func updateAudience(_ request: Livekit_SubscriptionPermission, of sid: ParticipantSID, now: MediaInstant) {
        // A list with an entry for nobody is none.
        guard let before = participants[sid], request.trackPermissions.count <= RoomBounds.permissionEntries,
            request.trackPermissions.allSatisfy({ !$0.participantIdentity.isEmpty || !$0.participantSid.isEmpty })
        else { return }
        let audience = request.allParticipants ? nil : audience(request)
        participants[sid]?.audience = audience
        for track in before.tracks.map(\.sid) {
            for other in order where other != sid {
                reconcile(other, track, now: now)
            }
        }
        for other in order where other != sid {
            reconcileData(other, before.dataTracks.map(\.sid))
            fillFreedSubscriptions(of: other, now: now)
        }
    }

    /// Whoever is named by its session is meant also in its next one.
    private func audience(_ request: Livekit_SubscriptionPermission) -> Audience {
        Audience(
            entries: request.trackPermissions.compactMap { permission in
                var identity = permission.participantIdentity
                if identity.isEmpty {
                    guard let named = participants[ParticipantSID(rawValue: permission.participantSid)] else {
                        return nil
                    }
                    identity = named.identity
                }
                return Audience.Entry(
                    identity: identity, hasAllTracks: permission.allTracks,
                    tracks: Set(permission.trackSids.map(TrackSID.init(rawValue:))))
            })
    }

    /// Tells a subscriber that it may not have what it asks for, and later that it may.
    mutating func tellPermission(
        _ isAllowed: Bool, for track: TrackSID, of publisher: ParticipantSID, to sid: ParticipantSID
    ) {
        guard let subscriber = participants[sid], subscriber.refused.contains(track) == isAllowed else { return }
        if isAllowed {
            participants[sid]?.refused.remove(track)
        } else {
            participants[sid]?.refused.insert(track)
        }
        var update = Livekit_SubscriptionPermissionUpdate()
        update.participantSid = publisher.rawValue
        update.trackSid = track.rawValue
        update.allowed = isAllowed
        signal(sid, .subscriptionPermissionUpdate(update))
    }
}

extension RoomParticipant {
    /// Nothing of the track is forwarded to it any more.
    mutating func forgetSubscription(_ track: TrackSID) {
        subscriptions.remove(track)
        awaited[track] = nil
        streamStates[track] = nil
    }
}

extension Livekit_SubscriptionResponse {
    init(_ track: TrackSID, _ error: Livekit_SubscriptionError) {
        self.init()
        trackSid = track.rawValue
        err = error
    }
}
