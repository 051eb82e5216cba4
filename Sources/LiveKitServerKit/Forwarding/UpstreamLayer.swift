internal import LiveKitCore
internal import LiveKitRTC

/// One layer of a published track: its stream, its newest packets, and the burst that waits to be forwarded.
final class UpstreamLayer {
    /// The place among the track's layers, 0 lowest.
    let index: Int
    /// Counts the streams of the track: a layer whose stream is replaced has unrelated numbers.
    let source: Int
    let stream: InboundStream
    let ring: PacketRing
    private let payloadType: UInt8
    private unowned let track: PublishedTrack
    private unowned let connection: PeerConnection
    private var sampler: StreamSampler
    private(set) var lastPacketAt: MediaInstant?
    private var bitrate = LayerBitrate()
    private var temporalRates = TemporalRates()
    /// Sequence numbers stored in this turn.
    private(set) var burst: [Int64] = []

    /// A layer that sends nothing for so long counts as off (LiveKit's stream tracker cycles).
    private static let silence: MediaDuration = .milliseconds(1500)

    init(
        index: Int, source: Int, stream: InboundStream, track: PublishedTrack, connection: PeerConnection,
        settings: ForwardingSettings
    ) {
        self.index = index
        self.source = source
        self.stream = stream
        self.track = track
        self.connection = connection
        sampler = StreamSampler(track: track.sid)
        payloadType = stream.codec.payloadType
        let isVP8 = stream.codec.name.lowercased() == "vp8"
        ring = PacketRing(
            capacity: stream.kind == .video ? settings.videoPackets : settings.audioPackets, slotSize: 1500,
            isVP8: isVP8)
        if settings.keyframeIntervals.indices.contains(index) {
            stream.keyframes.interval = settings.keyframeIntervals[index]
        }
        burst.reserveCapacity(64)
    }

    func receive(_ packet: InboundPacket) {
        if !isSending(now: packet.now) { track.layerBegan() }
        lastPacketAt = packet.now
        track.noteLevel(packet)
        // The decoder would take another codec's bytes for its own: such packets wait for a new subscription.
        guard packet.stream.codec.payloadType == payloadType else { return }
        // A sender probes with packets sent before; each goes out once.
        guard unsafe ring.store(packet.bytes, info: packet.info, sequence: packet.sequence) else { return }
        burst.append(packet.sequence)
        bitrate.note(payloadSize: packet.info.payloadSize, now: packet.now)
        if let descriptor = ring.packet(packet.sequence)?.frame.descriptor {
            temporalRates.note(
                descriptor, timestamp: packet.info.timestamp, payloadSize: packet.info.payloadSize)
        }
    }

    /// Measures what the layer takes, in the room's beat.
    func sampleBitrate(now: MediaInstant) {
        let isSending = isSending(now: now)
        bitrate.sample(isSending: isSending, now: now)
        if !isSending { temporalRates = TemporalRates() }
    }

    /// What the layer asks of the path to a subscriber who wants so many pictures each second, 0 for all of them.
    func demand(framesPerSecond: UInt32) -> StreamDemand.Layer {
        let share = temporalRates.share(for: framesPerSecond)
        return StreamDemand.Layer(index: index, bitrate: bitrate.current.map { $0 * share })
    }

    /// The highest temporal layer that such a subscriber is sent.
    func temporalLimit(framesPerSecond: UInt32) -> UInt8 {
        temporalRates.layer(for: framesPerSecond) ?? TemporalFilter.noLimit
    }

    func finishBurst() { burst.removeAll(keepingCapacity: true) }

    func isSending(now: MediaInstant) -> Bool {
        guard let lastPacketAt else { return false }
        return now - lastPacketAt < Self.silence
    }

    func sample() -> StreamSample? { sampler.sample(stream, roundTripTime: connection.roundTripTime) }

    func requestKeyframe(now: MediaInstant) {
        connection.requestKeyframe(stream, now: now)
    }
}
