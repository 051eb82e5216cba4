internal import LiveKitProtobuf

// How a track that we want to publish is announced to the server.
extension Livekit_AddTrackRequest {
    init(
        _ track: LocalVideoTrack, clientID: String, layers: [VideoLayerPlan], options: VideoPublishOptions
    ) {
        self.init()
        cid = clientID
        name = options.name ?? track.name
        type = .video
        source = track.source.wire
        muted = track.isMuted
        width = UInt32(clamping: track.dimensions.width)
        height = UInt32(clamping: track.dimensions.height)
        stream = options.streamName ?? ""
        self.layers = layers.enumerated().map { index, plan in Livekit_VideoLayer(plan, spatialLayer: index) }
        var codec = Livekit_SimulcastCodec()
        codec.codec = "vp8"
        codec.cid = clientID
        codec.layers = self.layers
        codec.videoLayerMode = .oneSpatialLayerPerStream
        simulcastCodecs = [codec]
    }

    init(_ track: LocalAudioTrack, clientID: String, options: AudioPublishOptions) {
        self.init()
        cid = clientID
        name = options.name ?? track.name
        type = .audio
        source = track.source.wire
        muted = track.isMuted
        stream = options.streamName ?? ""
        disableRed = !options.red
        if track.channels == 2 { audioFeatures.append(.tfStereo) }
        if !options.dtx { audioFeatures.append(.tfNoDtx) }
    }
}

extension Livekit_VideoLayer {
    fileprivate init(_ plan: VideoLayerPlan, spatialLayer index: Int) {
        self.init()
        quality = plan.quality
        width = UInt32(clamping: plan.dimensions.width)
        height = UInt32(clamping: plan.dimensions.height)
        bitrate = UInt32(clamping: plan.encoding.maxBitrate)
        spatialLayer = Int32(clamping: index)
        rid = plan.rid ?? ""
    }
}
