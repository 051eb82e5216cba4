internal import LiveKitCore
internal import LiveKitProtobuf

// Announcing, starting, muting and ending tracks.

extension RoomState {
    /// `add_track`: checks the permission, answers `track_published` and tells the forwarding half what to expect.
    mutating func addTrack(_ request: Livekit_AddTrackRequest, from sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        guard participant.permission.allowsPublishing(request.source) else {
            return refuse(request, from: sid, .notAllowed, "does not have permission to publish")
        }
        guard request.sid.isEmpty else { return refuseCodec(request, from: participant) }
        guard participant.pendingTracks.count < RoomBounds.pendingTracks,
            participant.tracks.count < limits.publishedTracks
        else { return refuse(request, from: sid, .limitExceeded, "too many tracks") }
        guard !request.clientTrackID.isEmpty, request.layers.count <= RoomBounds.videoLayers,
            request.simulcastCodecs.count <= RoomBounds.simulcastCodecs
        else { return refuse(request, from: sid, .invalidRequest, "incomplete track") }
        guard request.type == .audio || request.type == .video else {
            return refuse(request, from: sid, .unsupportedType, "neither audio nor video")
        }

        let earlier = participant.countTracks(announcedAs: request.clientTrackID)
        guard earlier < RoomBounds.tracksOfOneID else {
            return refuse(request, from: sid, .limitExceeded, "too many tracks of the same id")
        }
        let track = PendingTrack(
            cid: request.clientTrackID, info: makeTrackInfo(request, from: participant, now: now),
            isQueued: earlier > 0,
            awaitedSince: now)
        participants[sid]?.pendingTracks.append(track)
        guard !track.isQueued else { return refuse(request, from: sid, .queued, "") }
        announce(track, from: sid)
    }

    /// Another codec of a track that is published already: a second track would be shown to everybody as one of its own.
    private mutating func refuseCodec(_ request: Livekit_AddTrackRequest, from participant: RoomParticipant) {
        guard participant.tracks.contains(where: { $0.info.sid == request.sid }) else {
            return refuse(request, from: participant.sid, .notFound, "no such track")
        }
        refuse(request, from: participant.sid, .unsupportedType, "a track has one codec")
    }

    private mutating func refuse(
        _ request: Livekit_AddTrackRequest, from sid: ParticipantSID, _ reason: Livekit_RequestResponse.Reason,
        _ message: String
    ) {
        var response = Livekit_RequestResponse()
        response.reason = reason
        response.message = message
        response.addTrack = request
        answer(sid, response)
    }

    private mutating func announce(_ track: PendingTrack, from sid: ParticipantSID) {
        var published = Livekit_TrackPublishedResponse()
        published.cid = track.cid
        published.track = track.info
        signal(sid, .trackPublished(published))
        publisherByTrack[track.sid] = sid
        emit(.media(.expectTrack(sid, track.expectation(publisher: sid))))
    }

    private mutating func makeTrackInfo(
        _ request: Livekit_AddTrackRequest, from participant: RoomParticipant, now: MediaInstant
    ) -> Livekit_TrackInfo {
        let allowed = participant.client.publishCodecs(of: info.enabledCodecs).map(\.mime)
        var info = Livekit_TrackInfo()
        info.sid = makeIdentifier("TR_" + request.sidLetters)
        info.type = request.type
        info.name = request.name
        info.muted = request.muted
        info.width = request.width
        info.height = request.height
        info.source = request.source
        info.layers = request.layers
        info.simulcast = request.layers.count > 1
        info.disableDtx = request.disableDtx
        info.stereo = request.stereo
        info.disableRed = request.disableRed
        info.encryption = request.encryption
        info.stream = request.stream.isEmpty ? request.source.defaultStream : request.stream
        info.backupCodecPolicy = request.backupCodecPolicy
        info.packetTrailerFeatures = request.packetTrailerFeatures
        info.audioFeatures = request.allAudioFeatures
        info.version = nextVersion(now: now)
        info.codecs = request.simulcastCodecs.map { codec in
            var described = Livekit_SimulcastCodecInfo()
            described.mimeType = codec.mimeType(of: request.type, allowed: allowed)
            described.cid = codec.cid
            described.layers =
                codec.layers.isEmpty ? request.layers : Array(codec.layers.prefix(RoomBounds.videoLayers))
            return described
        }
        return info
    }

    /// The first media of an announced track came: now it is published and others are told.
    mutating func trackStarted(
        _ track: TrackSID, from sid: ParticipantSID, _ details: TrackDetails, now: MediaInstant
    ) {
        guard let index = participants[sid]?.pendingTracks.firstIndex(where: { $0.sid == track && !$0.isQueued }),
            let pending = participants[sid]?.pendingTracks.remove(at: index)
        else { return }
        var published = RoomTrack(info: pending.info, cid: pending.cid)
        published.info.complete(with: details)
        published.info.version = nextVersion(now: now)
        published.demand = demand(of: published.info, now: now)
        participants[sid]?.tracks.append(published)
        areCountersStale = true
        broadcast(sid)
        announce(.trackPublished, published.info, of: sid)
        launchAgents(.jtPublisher, about: sid)
        recordTrack(track, of: sid)
        emit(.notice(.trackPublished(sid, track)))
        if published.info.muted { emit(.media(.setMuted(track, true))) }
        for other in order {
            reconcile(other, track, now: now)
        }
    }

    /// The track before it has ended: now the next of the same id is answered.
    private mutating func releaseQueuedTrack(cid: String, of sid: ParticipantSID, now: MediaInstant) {
        guard let index = participants[sid]?.pendingTracks.firstIndex(where: { $0.cid == cid && $0.isQueued }) else {
            return
        }
        participants[sid]?.pendingTracks[index].isQueued = false
        participants[sid]?.pendingTracks[index].awaitedSince = now
        guard let track = participants[sid]?.pendingTracks[index] else { return }
        announce(track, from: sid)
    }

    /// The client stopped sending a track (its section of the offer went inactive).
    mutating func trackEnded(_ track: TrackSID, now: MediaInstant) {
        guard let sid = publisherByTrack[track] else { return }
        endTrack(track, now: now)
        broadcast(sid)
    }

    /// The server takes a track away; the publisher is told so.
    mutating func unpublish(_ track: TrackSID, now: MediaInstant) {
        guard let sid = publisherByTrack[track] else { return }
        var gone = Livekit_TrackUnpublishedResponse()
        gone.trackSid = track.rawValue
        endTrack(track, now: now)
        guard let publisher = participants[sid], publisher.client.protocol > 6 else { return }
        signal(sid, .trackUnpublished(gone))
    }

    /// Forgets a track everywhere, without telling anybody.
    mutating func endTrack(_ track: TrackSID, now: MediaInstant) {
        guard let sid = publisherByTrack.removeValue(forKey: track) else { return }
        let pending = participants[sid]?.pendingTracks.first { $0.sid == track }
        participants[sid]?.pendingTracks.removeAll { $0.sid == track }
        silence(track, of: sid)
        let published = participants[sid]?.tracks.first { $0.sid == track }
        participants[sid]?.tracks.removeAll { $0.sid == track }
        for other in order {
            participants[other]?.forgetSubscription(track)
            participants[other]?.waiting.remove(track)
            participants[other]?.undecodable.remove(track)
            participants[other]?.refused.remove(track)
            participants[other]?.wishes[track] = nil
        }
        emit(.media(.removeTrack(track)))
        if let cid = published?.cid ?? pending?.cid { releaseQueuedTrack(cid: cid, of: sid, now: now) }
        guard let published else { return }
        areCountersStale = true
        announce(.trackUnpublished, published.info, of: sid)
        emit(.notice(.trackUnpublished(sid, track)))
        for other in order {
            fillFreedSubscriptions(of: other, now: now)
        }
    }

    /// `mute`.
    mutating func mute(_ request: Livekit_MuteTrackRequest, of sid: ParticipantSID, now: MediaInstant) {
        guard setMuted(TrackSID(rawValue: request.sid), request.muted, of: sid, now: now) == nil else { return }
        var response = Livekit_RequestResponse()
        response.reason = .notFound
        response.mute = request
        answer(sid, response)
    }

    /// A mute by the publisher itself, or by the API when `tellingPublisher`. The track as it is then.
    @discardableResult
    mutating func setMuted(
        _ track: TrackSID, _ isMuted: Bool, of sid: ParticipantSID, tellingPublisher: Bool = false, now: MediaInstant
    ) -> Livekit_TrackInfo? {
        // Its own room mutes it.
        guard participants[sid]?.isForwarded == false || !tellingPublisher else { return nil }
        if tellingPublisher, publisherByTrack[track] == sid {
            var request = Livekit_MuteTrackRequest()
            request.sid = track.rawValue
            request.muted = isMuted
            signal(sid, .mute(request))
        }
        if let index = participants[sid]?.pendingTracks.firstIndex(where: { $0.sid == track }) {
            participants[sid]?.pendingTracks[index].info.muted = isMuted
            participants[sid]?.pendingTracks[index].awaitedSince = now
            emit(.media(.setMuted(track, isMuted)))
            return participants[sid]?.pendingTracks[index].info
        }
        guard let index = participants[sid]?.tracks.firstIndex(where: { $0.sid == track }) else { return nil }
        if participants[sid]?.tracks[index].info.muted != isMuted {
            let version = nextVersion(now: now)
            participants[sid]?.tracks[index].info.muted = isMuted
            participants[sid]?.tracks[index].info.version = version
            emit(.media(.setMuted(track, isMuted)))
            broadcast(sid)
            if !isMuted { repeatDemand(of: track, by: sid) }
        }
        return participants[sid]?.tracks[index].info
    }

    /// `update_audio_track`.
    mutating func describeTrack(_ request: Livekit_UpdateLocalAudioTrack, of sid: ParticipantSID, now: MediaInstant) {
        let isKnown = describeTrack(TrackSID(rawValue: request.trackSid), .audio, of: sid, now: now) { info in
            info.audioFeatures = request.features.distinct(atMost: Livekit_AudioTrackFeature.allCases.count)
            info.stereo = info.audioFeatures.contains(.tfStereo)
            info.disableDtx = info.audioFeatures.contains(.tfNoDtx)
        }
        guard !isKnown else { return }
        var response = Livekit_RequestResponse()
        response.reason = .notFound
        response.updateAudioTrack = request
        answer(sid, response)
    }

    /// `update_video_track`.
    mutating func describeTrack(_ request: Livekit_UpdateLocalVideoTrack, of sid: ParticipantSID, now: MediaInstant) {
        let isKnown = describeTrack(TrackSID(rawValue: request.trackSid), .video, of: sid, now: now) { info in
            info.width = request.width
            info.height = request.height
        }
        guard !isKnown else { return }
        var response = Livekit_RequestResponse()
        response.reason = .notFound
        response.updateVideoTrack = request
        answer(sid, response)
    }

    /// What the publisher says of its own track, started or not. Returns whether there is such a track.
    private mutating func describeTrack(
        _ track: TrackSID, _ type: Livekit_TrackType, of sid: ParticipantSID, now: MediaInstant,
        _ change: (inout Livekit_TrackInfo) -> Void
    ) -> Bool {
        if let index = participants[sid]?.pendingTracks.firstIndex(where: { $0.sid == track }),
            var info = participants[sid]?.pendingTracks[index].info
        {
            if info.type == type { change(&info) }
            participants[sid]?.pendingTracks[index].info = info
            return true
        }
        guard let index = participants[sid]?.tracks.firstIndex(where: { $0.sid == track }),
            var info = participants[sid]?.tracks[index].info
        else { return false }
        let before = info
        if info.type == type { change(&info) }
        guard info != before else { return true }
        info.version = nextVersion(now: now)
        participants[sid]?.tracks[index].info = info
        broadcast(sid)
        return true
    }
}

extension RoomParticipant {
    /// How many tracks of a client's id are announced and not ended.
    fileprivate func countTracks(announcedAs cid: String) -> Int {
        tracks.count { $0.cid == cid } + pendingTracks.count { $0.cid == cid }
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first.
    fileprivate func distinct(atMost limit: Int) -> Self {
        var seen: Set<Element> = []
        return Array(filter { seen.insert($0).inserted }.prefix(limit))
    }
}
