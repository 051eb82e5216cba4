internal import LiveKitCore
internal import LiveKitProtobuf

// Telling publishers which layers and codecs anybody wants, so that they need not encode the others (dynacast).

extension RoomState {
    /// A track that starts: video may go off in layers; of audio only one of several codecs can.
    func demand(of info: Livekit_TrackInfo, now: MediaInstant) -> TrackDemand? {
        switch info.type {
        case .video: TrackDemand(pauseDelay: rules.dynacastPauseDelay, firstReportAt: now + RoomBounds.firstDemand)
        case .audio where info.codecs.count > 1: TrackDemand(pauseDelay: .zero, firstReportAt: nil)
        default: nil
        }
    }

    /// Something changed in what is wanted of the track.
    mutating func updateDemand(of track: TrackSID, now: MediaInstant) {
        guard let publisher = publisherByTrack[track], publishedTrack(track)?.demand != nil else { return }
        let wanted = wantedQuality(of: track, by: publisher)
        changeDemand(of: track, by: publisher) { $0.want(wanted, now: now) }
    }

    mutating func updateDemands(of tracks: some Sequence<TrackSID>, now: MediaInstant) {
        for track in tracks { updateDemand(of: track, now: now) }
    }

    /// What was held back until now.
    mutating func settleDemands(now: MediaInstant) {
        for sid in order {
            for track in participants[sid]?.tracks ?? [] where track.demand != nil {
                changeDemand(of: track.sid, by: sid) { $0.handleTimeout(now: now) }
            }
        }
    }

    /// Tells at once how much is wanted of a track: its publisher unmuted it, or was away.
    mutating func repeatDemand(of track: TrackSID, by sid: ParticipantSID) {
        changeDemand(of: track, by: sid) { $0.hurry() }
    }

    private mutating func changeDemand(
        of track: TrackSID, by sid: ParticipantSID, _ change: (inout TrackDemand) -> Bool
    ) {
        guard participants[sid]?.isForwarded == false,
            let index = participants[sid]?.tracks.firstIndex(where: { $0.sid == track }),
            var published = participants[sid]?.tracks[index], var demand = published.demand
        else { return }
        let isNews = change(&demand)
        published.demand = demand
        participants[sid]?.tracks[index] = published
        // A muted track sends nothing; its publisher is told when it goes on.
        guard isNews, let told = demand.told, published.info.type == .audio || !published.info.muted else { return }
        signal(sid, published.info.demandUpdate(told))
    }

    /// The most that any subscriber wants of the track.
    private func wantedQuality(of track: TrackSID, by publisher: ParticipantSID) -> WantedQuality {
        // What is wanted in other rooms is not known here.
        guard participants[publisher]?.isForwardedElsewhere == false else { return .high }
        let layers = publishedTrack(track)?.info.layers ?? []
        let wanted = participants.values.lazy.filter { $0.subscriptions.contains(track) }
            .map { effectiveSettings(of: track, for: $0.sid) ?? TrackSettings() }.filter(\.isEnabled).map(
                \.maximumLayer
            )
            .max()
        guard let wanted else { return .off }
        // Of the layers that there are it is the smallest that is good enough.
        let published = layers.map(\.quality.layerIndex).sorted()
        let layer = published.first { $0 >= wanted } ?? published.last ?? wanted
        return WantedQuality(rawValue: layer + 1) ?? .high
    }

    /// Whether other rooms have the participant's tracks too.
    mutating func setForwardedElsewhere(_ isForwarded: Bool, _ sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid], participant.isForwardedElsewhere != isForwarded else { return }
        participants[sid]?.isForwardedElsewhere = isForwarded
        updateDemands(of: participant.tracks.map(\.sid), now: now)
    }
}

extension Livekit_TrackInfo {
    /// What the publisher of the track is told.
    fileprivate func demandUpdate(_ wanted: WantedQuality) -> Livekit_SignalResponse.OneOf_Message {
        // `vp8` for `video/VP8`.
        let codec = mimeType.lowercased().split(separator: "/").last.map(String.init) ?? ""
        guard type == .video else {
            var subscribed = Livekit_SubscribedAudioCodec()
            subscribed.codec = codec
            subscribed.enabled = wanted > .off
            var update = Livekit_SubscribedAudioCodecUpdate()
            update.trackSid = sid
            update.subscribedAudioCodecs = [subscribed]
            return .subscribedAudioCodecUpdate(update)
        }
        var subscribed = Livekit_SubscribedCodec()
        subscribed.codec = codec
        subscribed.qualities = [Livekit_VideoQuality.low, .medium, .high].map { quality in
            var described = Livekit_SubscribedQuality()
            described.quality = quality
            described.enabled = quality.layerIndex < wanted.rawValue
            return described
        }
        var update = Livekit_SubscribedQualityUpdate()
        update.trackSid = sid
        // Clients that know no codecs read the qualities.
        update.subscribedQualities = subscribed.qualities
        update.subscribedCodecs = [subscribed]
        return .subscribedQualityUpdate(update)
    }
}
