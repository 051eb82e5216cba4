internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// A track that a participant publishes: its layers, and the subscribers they go to. Confined to its loop.
final class PublishedTrack {
    let sid: TrackSID
    let announcement: ExpectedTrack
    unowned let publisher: ForwardedParticipant
    private(set) var isMuted: Bool
    private(set) var codec: NegotiatedCodec?
    private var layers: [UpstreamLayer] = []
    private var downTracks: [DownTrack] = []
    private var levels: AudioLevelDetector
    private var reportedLevel: Float = 0
    private var isStarted = false
    private var sourceCount = 0
    /// Whether a layer sends in this turn that did not before.
    private var hasNewLayer = false

    init(_ announcement: ExpectedTrack, publisher: ForwardedParticipant) {
        sid = announcement.sid
        self.announcement = announcement
        self.publisher = publisher
        isMuted = announcement.isMuted
        levels = AudioLevelDetector(configuration: publisher.room.environment.settings.audioLevels)
    }

    var kind: MediaKind { announcement.kind }
    private var room: RoomForwarder { publisher.room }

    // MARK: Layers

    func addLayer(for stream: InboundStream, connection: PeerConnection) {
        let index = Self.layerIndex(rid: stream.rid)
        if let old = layers.first(where: { $0.index == index }) {
            // Two streams for one layer: the one that sends keeps it.
            guard !old.isSending(now: room.core.now) else { return }
            layers.removeAll { $0 === old }
            for down in downTracks { down.layerReplaced(index) }
        }
        sourceCount += 1
        let layer = UpstreamLayer(
            index: index, source: sourceCount, stream: stream, track: self, connection: connection,
            settings: room.environment.settings)
        stream.attachment = layer
        layers.append(layer)
        layers.sort { $0.index < $1.index }
        codec = stream.codec
        if !isStarted { start(stream, connection: connection) }
        for down in downTracks { down.trackChanged() }
    }

    /// LiveKit's rids: `q`, `h`, `f`, or `2`, `1`, `0` from the low to the high layer.
    static func layerIndex(rid: String?) -> Int {
        switch rid {
        case "h", "1": 1
        case "f", "0": 2
        default: 0
        }
    }

    private func start(_ stream: InboundStream, connection: PeerConnection) {
        isStarted = true
        let section = connection.negotiated?.sections.first { $0.mid == stream.mid }
        let name = stream.codec.name
        let mimeType = stream.kind == .audio ? "audio/\(name)" : "video/\(name)"
        let details = TrackDetails(
            mimeType: mimeType, mid: stream.mid, rids: section?.remote?.rids ?? [], ssrcs: [stream.ssrc.rawValue])
        room.emit(.trackStarted(publisher.sid, sid, details))
    }

    func layerBegan() { hasNewLayer = true }

    func layer(source: Int) -> UpstreamLayer? { layers.first { $0.source == source } }

    /// The layers that send now, as a bit set.
    func sendingLayers(now: MediaInstant) -> Int {
        layers.reduce(0) { $1.isSending(now: now) ? $0 | 1 << $1.index : $0 }
    }

    /// What the layers that send ask of a subscriber's path, lowest first.
    func demands(framesPerSecond: UInt32, now: MediaInstant) -> [StreamDemand.Layer] {
        layers.filter { $0.isSending(now: now) }.map { $0.demand(framesPerSecond: framesPerSecond) }
    }

    func sampleBitrates(now: MediaInstant) {
        for layer in layers where kind == .video { layer.sampleBitrate(now: now) }
    }

    // MARK: Subscribers

    func add(_ down: DownTrack) { downTracks.append(down) }
    func remove(_ down: DownTrack) { downTracks.removeAll { $0 === down } }

    /// Sends what came in this turn, subscriber by subscriber, so that a frame's packets to one of them leave
    /// together.
    func forwardBurst(now: MediaInstant) {
        guard layers.contains(where: { !$0.burst.isEmpty }) else { return }
        if hasNewLayer {
            hasNewLayer = false
            for down in downTracks { down.reallocate() }
        }
        let available = sendingLayers(now: now)
        for down in downTracks {
            for layer in layers where !layer.burst.isEmpty { down.forward(layer, available: available, now: now) }
        }
        for layer in layers { layer.finishBurst() }
    }

    func setMuted(_ muted: Bool) {
        isMuted = muted
        for down in downTracks { down.setMuted(muted) }
    }

    /// Asks for a key frame of the layer, or of the nearest one below that sends.
    func requestKeyframe(layer: Int, now: MediaInstant) {
        guard kind == .video else { return }
        let sending = layers.filter { $0.isSending(now: now) }
        (sending.last { $0.index <= layer } ?? sending.first ?? layers.last)?.requestKeyframe(now: now)
    }

    /// How its streams fared, those that come in and those that go out.
    func samples() -> [StreamSample] { layers.compactMap { $0.sample() } + downTracks.compactMap { $0.sample() } }

    // MARK: Loudness

    func noteLevel(_ packet: InboundPacket) {
        guard kind == .audio, let level = packet.audioLevel else { return }
        levels.observe(level: level.level, duration: .milliseconds(20), now: packet.now)
    }

    /// What changed since the last report.
    func levelReport(now: MediaInstant) -> AudioLevelReport? {
        guard kind == .audio else { return nil }
        let state = levels.state(now: now)
        let level = isMuted || !state.isActive ? 0 : Float(state.level)
        guard level != reportedLevel else { return nil }
        reportedLevel = level
        return AudioLevelReport(participant: publisher.sid, track: sid, level: level)
    }
}
