internal import LiveKitCore
internal import LiveKitRTC

/// One track on its way to one subscriber: which layer, and the numbers that make it one unbroken stream.
/// Confined to its loop; forwarding a packet allocates nothing.
final class DownTrack {
    let track: PublishedTrack
    private(set) weak var connection: SubscriberConnection?
    private var transceiver: TransceiverID?
    private(set) var stream: OutboundStream
    private let rtxSSRC: SSRC?
    private var rtxSequence: UInt16 = 0
    /// The payload type agreed for the track's codec; nothing is sent before.
    private var payloadType: UInt8?
    private var rtxPayloadType: UInt8?
    private var settings = TrackSettings()

    private var selector = LayerSelector()
    private var sequence: SequenceRewriter
    private var timestamps: TimestampRewriter
    private var pictures = VP8Rewriter()
    private var log: SentPacketLog

    private static let fixedHeaderSize = 12

    init(track: PublishedTrack, connection: SubscriberConnection) {
        self.track = track
        self.connection = connection
        let peer = connection.connection
        let isVideo = track.kind == .video
        stream = OutboundStream(ssrc: peer.unusedSSRC(), clockRate: isVideo ? 90_000 : 48_000)
        rtxSSRC = isVideo ? peer.unusedSSRC() : nil
        sequence = SequenceRewriter(first: UInt16(truncatingIfNeeded: stream.ssrc.rawValue & 0x7FFF) | 1)
        timestamps = TimestampRewriter(clockRate: isVideo ? 90_000 : 48_000)
        log = SentPacketLog(capacity: isVideo ? 1024 : 128)
        connection.register(self, ssrc: stream.ssrc)
        peer.add(stream)
        trackChanged()
    }

    /// The section it is sent by, once offered.
    var mid: String? { transceiver.flatMap { connection?.connection.mid(of: $0) } }

    // MARK: Set-up

    /// The track's codec is known: now it can be offered.
    func trackChanged() {
        guard transceiver == nil, let codec = track.codec, let connection else { return }
        let streamID = connection.usesPackedStreamID ? "\(track.publisher.sid)|\(track.sid)" : "\(track.publisher.sid)"
        let parameters = SenderParameters(
            streamID: streamID, trackID: track.sid.rawValue, cname: track.publisher.sid.rawValue,
            encodings: [SenderParameters.Encoding(ssrc: stream.ssrc, rtxSSRC: rtxSSRC)], codecs: [codec.name])
        transceiver = try? connection.connection.addTransceiver(
            track.kind == .audio ? .audio : .video, direction: .sendonly, sender: parameters)
        connection.scheduleNegotiation()
    }

    /// An exchange was completed, or the transport came up.
    func connectionChanged() {
        guard let transceiver, let peer = connection?.connection, let codec = track.codec,
            let section = peer.negotiated?.sections.first(where: { $0.transceiver == transceiver }),
            let agreed = section.codecs.first(where: { $0.name.lowercased() == codec.name.lowercased() })
        else { return }
        payloadType = agreed.payloadType
        rtxPayloadType = agreed.rtxPayloadType
        if peer.canSend, selector.current == nil { requestKeyframe() }
    }

    func apply(_ settings: TrackSettings) {
        let wasEnabled = self.settings.isEnabled
        self.settings = settings
        let needsKeyframe = selector.want(settings.maximumLayer)
        if settings.isEnabled, !wasEnabled { selector.reset() }
        if settings.isEnabled, needsKeyframe || !wasEnabled { requestKeyframe() }
    }

    /// The layer comes from another stream now, whose numbers have nothing to do with the old one's.
    func layerReplaced(_ index: Int) {
        if selector.current == index { selector.reset() }
    }

    func requestKeyframe() {
        guard let now = connection?.now else { return }
        let target = selector.target(available: track.sendingLayers(now: now)) ?? selector.current ?? selector.wanted
        track.requestKeyframe(layer: target, now: now)
    }

    /// Ends the stream; the section stays for another track.
    func detach() {
        track.remove(self)
        guard let connection else { return }
        connection.unregister(ssrc: stream.ssrc)
        connection.connection.remove(stream, rtxSSRC: rtxSSRC)
        if let transceiver { try? connection.connection.stopSending(transceiver) }
        self.connection = nil
    }

    // MARK: Forwarding

    /// Sends what of the layer's burst is for this subscriber.
    func forward(_ layer: UpstreamLayer, available: Int, now: MediaInstant) {
        guard let payloadType, settings.isEnabled, let peer = connection?.connection, peer.canSend else { return }
        for number in layer.burst {
            guard let packet = layer.ring.packet(number) else { continue }
            forward(
                packet, number: number, layer: layer, available: available, payloadType: payloadType, to: peer, now: now
            )
        }
        if layer.index == selector.target(available: available) { layer.requestKeyframe(now: now) }
    }

    private func forward(
        _ packet: PacketRing.Packet, number: Int64, layer: UpstreamLayer, available: Int, payloadType: UInt8,
        to peer: PeerConnection, now: MediaInstant
    ) {
        guard packet.info.payloadSize > 0 else {
            sequence.drop(number, source: layer.source)
            return
        }
        let frame = unsafe VideoFrameStart(packet.payload, isVP8: layer.isVP8)
        switch selector.decide(layer: layer.index, startsKeyframe: frame.startsKeyframe, available: available) {
        case .skip:
            return
        case .switchAndForward:
            sequence.switchSource(to: layer.source, first: number)
            timestamps.switchSource(to: packet.info.timestamp, now: now)
            if let descriptor = frame.descriptor { pictures.switchSource(to: descriptor) }
        case .forward:
            break
        }
        guard let out = sequence.map(number, source: layer.source) else { return }
        let timestamp = timestamps.map(packet.info.timestamp, now: now)
        let entry = SentPacketLog.Entry(
            number: out, source: number, layerSource: layer.source, timestamp: timestamp,
            descriptor: frame.descriptor.map { pictures.map($0) })
        log.note(entry)
        let slot = unsafe peer.reservePacket()
        let size = unsafe write(
            packet, entry: entry, payloadType: payloadType, number: UInt16(truncatingIfNeeded: out), ssrc: stream.ssrc,
            original: nil, into: slot)
        unsafe peer.sendRTP(
            slot, count: size, on: stream, timestamp: timestamp, payloadSize: packet.info.payloadSize, now: now)
    }

    /// Builds the packet as the subscriber sees it: a bare header, for a retransmission the original number
    /// (RFC 4588 §4), and the payload with its descriptor rewritten in place. Returns its size.
    private func write(
        _ packet: PacketRing.Packet, entry: SentPacketLog.Entry, payloadType: UInt8, number: UInt16, ssrc: SSRC,
        original: UInt16?, into slot: UnsafeMutableRawBufferPointer
    ) -> Int {
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: UInt8(0x80), at: 0)
        span.rewriteRTPHeader(
            payloadType: payloadType, marker: packet.info.marker,
            sequenceNumber: SequenceNumber(rawValue: number), timestamp: entry.timestamp, ssrc: ssrc)
        var offset = Self.fixedHeaderSize
        if let original {
            span.store(networkInteger: original, at: offset)
            offset += RTXPacket.overhead
        }
        unsafe span.store(RawSpan(_unsafeBytes: packet.payload), at: offset)
        if let descriptor = entry.descriptor { _ = descriptor.write(to: &span, at: offset) }
        return offset + packet.info.payloadSize
    }

    // MARK: Loss

    func retransmit(_ numbers: [SequenceNumber]) {
        guard let peer = connection?.connection, let now = connection?.now, let rtxSSRC, let rtxPayloadType
        else { return }
        for number in numbers {
            guard let entry = log.take(number, highest: sequence.highestOut, now: now),
                let packet = track.layer(source: entry.layerSource)?.ring.packet(entry.source)
            else { continue }
            let slot = unsafe peer.reservePacket()
            rtxSequence &+= 1
            let size = unsafe write(
                packet, entry: entry, payloadType: rtxPayloadType, number: rtxSequence, ssrc: rtxSSRC,
                original: number.rawValue, into: slot)
            unsafe peer.sendUncounted(slot, count: size)
        }
    }
}
