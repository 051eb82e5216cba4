internal import Foundation
internal import LiveKitCore
internal import LiveKitMedia
internal import LiveKitProtobuf
internal import LiveKitRTC
internal import LiveKitRTCTransport

// What we publish.
extension RoomSession {
    // MARK: Video

    func publish(
        _ track: LocalVideoTrack, options: VideoPublishOptions?
    ) async throws(LiveKitError) -> LocalTrackPublication {
        var options = options ?? roomOptions.defaultVideoPublishOptions
        // Pictures that come encoded come in one size.
        if track.isEncoded { options.simulcast = false }
        let plan = SimulcastLayers.plan(track.dimensions, options: options)
        let clientID = UUID().uuidString.lowercased()
        let publisher = try checkMayPublish(track)
        let request = Livekit_AddTrackRequest(track, clientID: clientID, layers: plan, options: options)
        let info = try await announce(request)

        let encoder = EncoderControls(layerCount: plan.count)
        let place = LoopBound<VideoSender>()
        let transceiver = try await publisher.perform { transport in
            let sender = VideoSender(
                clientID: clientID, layers: plan, encoder: encoder, connection: transport.connection)
            place.set(sender, on: transport.core)
            return try transport.add(
                sender,
                parameters: SenderParameters(
                    streamID: clientID, trackID: clientID, cname: transport.connection.canonicalName,
                    encodings: sender.encodings, codecs: ["VP8"]))
        }
        let published = PublishedTrack(transceiver: transceiver, encoder: encoder, layers: plan)
        let feed = makeFeed(track, published, sender: place, through: publisher)
        return try await finish(track, info, published) {
            track.set(feed: feed) {
                await publisher.statistics { place.value(on: $0.core)?.statistics ?? [] }
            }
        }
    }

    private func makeFeed(
        _ track: LocalVideoTrack, _ published: PublishedTrack, sender place: LoopBound<VideoSender>,
        through publisher: MediaTransport
    ) -> LocalVideoTrack.Feed {
        let deliver: @Sendable (EncodedVideoFrame, Int) -> Void = { frame, layer in
            publisher.execute { transport in
                place.value(on: transport.core)?.send(
                    frame.bytes, isKeyframe: frame.isKeyframe, timestampNanoseconds: frame.timestampNanoseconds,
                    layer: layer, through: transport)
            }
        }
        if track.isEncoded {
            return .encoded { [keyframes = published.encoder.keyframes, ask = track.onKeyframeRequest] frame in
                if keyframes.take(layer: 0), !frame.isKeyframe { ask?() }
                deliver(frame, 0)
            }
        }
        let (frames, queue) = AsyncStream.makeStream(
            of: I420Frame.self, bufferingPolicy: .bufferingNewest(ClientMediaLimits.framesToEncode))
        let pipeline = VideoEncodingPipeline(
            frames: frames, layers: published.layers, encoder: published.encoder, deliver: deliver)
        Task { [weak self, sid = track] in
            do { try await pipeline.run() } catch { await self?.encodingFailed(sid) }
        }
        return .frames(queue)
    }

    /// An encoder gave up: the track is of no use any more.
    private func encodingFailed(_ track: Track) async {
        guard let sid = track.sid else { return }
        // The session may be over by now.
        try? await unpublish(sid)
    }

    // MARK: Audio

    func publish(
        _ track: LocalAudioTrack, options: AudioPublishOptions?
    ) async throws(LiveKitError) -> LocalTrackPublication {
        let options = options ?? roomOptions.defaultAudioPublishOptions
        let clientID = UUID().uuidString.lowercased()
        let publisher = try checkMayPublish(track)
        let info = try await announce(Livekit_AddTrackRequest(track, clientID: clientID, options: options))

        let channels = track.channels
        let place = LoopBound<AudioSender>()
        let transceiver = try await publisher.perform { transport in
            let sender = AudioSender(
                clientID: clientID, bitrate: options.bitrate(channels: channels), connection: transport.connection)
            place.set(sender, on: transport.core)
            return try transport.add(
                sender,
                parameters: SenderParameters(
                    streamID: clientID, trackID: clientID, cname: transport.connection.canonicalName,
                    encodings: sender.encodings, codecs: options.red ? ["red", "opus"] : ["opus"]))
        }
        let published = PublishedTrack(
            transceiver: transceiver, encoder: EncoderControls(layerCount: 0), layers: [])
        let feed = makeFeed(track, options, sender: place, through: publisher)
        return try await finish(track, info, published) {
            track.set(feed: feed) {
                await publisher.statistics { place.value(on: $0.core).map { [$0.statistics] } ?? [] }
            }
        }
    }

    private func makeFeed(
        _ track: LocalAudioTrack, _ options: AudioPublishOptions, sender place: LoopBound<AudioSender>,
        through publisher: MediaTransport
    ) -> LocalAudioTrack.Feed {
        if track.isEncoded {
            return .packets { packet, position in
                publisher.execute { transport in
                    place.value(on: transport.core)?.send(
                        packet, position: position, level: nil, isTalkStart: position == 0, through: transport)
                }
            }
        }
        let (buffers, queue) = AsyncStream.makeStream(
            of: PCMBuffer.self, bufferingPolicy: .bufferingNewest(ClientMediaLimits.buffersToEncode))
        var configuration = OpusEncoder.Configuration(
            channels: track.channels, bitrate: options.bitrate(channels: track.channels))
        configuration.usesDTX = options.dtx
        let pipeline = AudioEncodingPipeline(
            buffers: buffers, configuration: configuration, isMuted: { [weak track] in track?.isMuted ?? true },
            deliver: { packet in
                publisher.execute { transport in
                    place.value(on: transport.core)?.send(
                        packet.bytes, position: packet.position, level: packet.level, isTalkStart: packet.isTalkStart,
                        through: transport)
                }
            })
        Task { [weak self, track] in
            do { try await pipeline.run() } catch { await self?.encodingFailed(track) }
        }
        return .buffers(queue)
    }

    // MARK: Both

    private func checkMayPublish(_ track: Track) throws(LiveKitError) -> MediaTransport {
        guard !isEnded, let publisher else {
            throw LiveKitError(.invalidState, message: "The room is not connected.")
        }
        guard track.sid == nil else { throw LiveKitError(.invalidState, message: "The track is published already.") }
        guard room?.localParticipant.permissions.canPublish ?? false else {
            throw LiveKitError(.insufficientPermissions, message: "The token does not grant canPublish.")
        }
        return publisher
    }

    private func announce(_ request: Livekit_AddTrackRequest) async throws(LiveKitError) -> Livekit_TrackInfo {
        try send(.addTrack(request))
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: RoomLimits.requestTimeout)) != nil else { return }
            await self?.expire(track: request.cid)
        }
        defer { timer.cancel() }
        let result = await withCheckedContinuation { trackReplies.add(request.cid, $0) }
        return try result.get()
    }

    private func expire(track clientID: String) {
        trackReplies.resolve(
            clientID, .failure(LiveKitError(.timedOut, message: "The server did not answer the announced track.")))
    }

    /// Negotiates what was added, and lets the track begin.
    private func finish(
        _ track: Track, _ info: Livekit_TrackInfo, _ published: PublishedTrack, begin: @Sendable () -> Bool
    ) async throws(LiveKitError) -> LocalTrackPublication {
        let sid = Track.Sid(from: info.sid)
        publications[sid] = published
        do throws(LiveKitError) {
            try await openPublisherConnection()
            guard begin() else { throw LiveKitError(.invalidState, message: "The track is published already.") }
        } catch {
            publications[sid] = nil
            publisher?.execute { try? $0.removeSender(published.transceiver) }
            throw error
        }
        guard let room else { throw LiveKitError(.cancelled) }
        track.set(sid: sid)
        let publication = LocalTrackPublication(info, track: track, link: room.link)
        room.localParticipant.add(publication)
        room.hub.send(.localTrackPublished(publication), of: room)
        return publication
    }

    func unpublish(_ sid: Track.Sid) async throws(LiveKitError) {
        guard let published = publications.removeValue(forKey: sid) else { return }
        room?.localTrackEnded(sid)
        guard let publisher else { return }
        try await publisher.perform { try $0.removeSender(published.transceiver) }
        try await negotiate()
    }

    /// The server took the track away.
    func trackWasUnpublished(_ sid: Track.Sid) async {
        guard let published = publications.removeValue(forKey: sid) else { return }
        room?.localTrackEnded(sid)
        // Negotiating here would wait for an answer that only the caller's return lets in.
        publisher?.execute { try? $0.removeSender(published.transceiver) }
        Task { try? await self.negotiate() }
    }

    // MARK: Muting

    func setMuted(_ isMuted: Bool, of publication: LocalTrackPublication) throws(LiveKitError) {
        var request = Livekit_MuteTrackRequest()
        request.sid = publication.sid.stringValue
        request.muted = isMuted
        try send(.mute(request))
        applyMute(isMuted, to: publication)
    }

    func muteByServer(_ request: Livekit_MuteTrackRequest) {
        let sid = Track.Sid(from: request.sid)
        guard let publication = room?.localParticipant.trackPublications[sid] as? LocalTrackPublication else { return }
        applyMute(request.muted, to: publication)
    }

    private func applyMute(_ isMuted: Bool, to publication: LocalTrackPublication) {
        guard let room, publication.isMuted != isMuted else { return }
        publication.setTrack(muted: isMuted)
        if !isMuted { publications[publication.sid]?.encoder.keyframes.requestAll() }
        room.hub.send(.trackMuteChanged(publication, room.localParticipant, isMuted: isMuted), of: room)
    }

    // MARK: Layers that nobody watches

    func receive(_ update: Livekit_SubscribedQualityUpdate) {
        guard roomOptions.dynacast, let published = publications[Track.Sid(from: update.trackSid)] else { return }
        let wanted = update.subscribedCodecs.first { $0.codec.lowercased().hasSuffix("vp8") }
        guard let qualities = wanted?.qualities, !qualities.isEmpty else { return }
        for (index, plan) in published.layers.enumerated() {
            guard let quality = qualities.first(where: { $0.quality == plan.quality }) else { continue }
            published.encoder.activity.set(quality.enabled, layer: index)
        }
        // Where nothing is sent no feedback comes that would bring the layers their share.
        publisher?.execute { $0.distribute() }
    }
}
