internal import LiveKitCore
internal import LiveKitRTC

/// One track on its way to one subscriber: which layer, and the numbers that make it one unbroken stream.
/// Confined to its loop; forwarding a packet allocates nothing.
final class DownTrack {
    let track: PublishedTrack
    /// Until ``detach()``.
    private(set) var connection: SubscriberConnection?
    /// The same connection's peer, at hand for each burst.
    let peer: PeerConnection
    private var transceiver: TransceiverID?
    let stream: OutboundStream
    private let rtxSSRC: SSRC?
    /// The stream of its repair packets, should the subscriber want them.
    private let fecSSRC: SSRC?
    private var isProtected = false
    private var rtxSequence: UInt16 = 0
    /// The payload type agreed for the track's codec; nothing is sent before.
    private(set) var payloadType: UInt8?
    private var rtxPayloadType: UInt8?
    private var settings = TrackSettings()
    /// What the path to the subscriber allows.
    private var allocated = StreamAllocator.Target.layer(.max)
    private var isMuted: Bool
    /// What the packets carry besides, for the estimate of that path.
    private var element = NumberElement.none
    /// Whether the subscriber would take what stands behind frames for a part of them.
    private let stripsTrailers: Bool
    /// Frames that are yet to come of the silence that it was muted into.
    var silentFramesLeft = 0

    var rewriter: StreamRewriter
    private var sampler: StreamSampler
    private var hasBegun = false

    private static let fixedHeaderSize = 12

    init(track: PublishedTrack, connection: SubscriberConnection) {
        self.track = track
        self.connection = connection
        peer = connection.connection
        isMuted = track.isMuted
        stripsTrailers = track.announcement.hasPacketTrailers && !connection.takesPacketTrailers
        let isVideo = track.kind == .video
        stream = OutboundStream(ssrc: peer.unusedSSRC(), clockRate: isVideo ? 90_000 : 48_000)
        rtxSSRC = isVideo ? peer.unusedSSRC() : nil
        fecSSRC = isVideo ? peer.unusedSSRC() : nil
        // Below 2^15, so that the first wrap, which SRTP must guess, is far (RFC 3711 §3.3.1).
        rewriter = StreamRewriter(
            firstNumber: UInt16(truncatingIfNeeded: stream.ssrc.rawValue & 0x7FFF) | 1,
            clockRate: isVideo ? 90_000 : 48_000,
            logCapacity: isVideo ? max(1024, connection.room.environment.settings.videoPackets) : 128)
        sampler = StreamSampler(track: track.sid)
        connection.register(self, ssrc: stream.ssrc)
        stream.probeSource = rtxSSRC == nil ? nil : self
        peer.add(stream)
        trackChanged()
    }

    /// The section it is sent by, once offered.
    var mid: String? { transceiver.flatMap { peer.mid(of: $0) } }

    // MARK: Set-up

    /// The track's codec is known: now it can be offered.
    func trackChanged() {
        guard transceiver == nil, let codec = track.codec, let connection else { return }
        guard connection.mayBeSent(codec) else { return connection.codecRefused(track.sid) }
        // Who shares the stream is kept in step by the player.
        let own = connection.syncsStreams && !track.announcement.stream.isEmpty ? track.announcement.stream : nil
        let streamID =
            connection.usesPackedStreamID
            ? "\(track.publisher.sid)|\(own ?? track.sid.rawValue)" : "\(track.publisher.sid)"
        let parameters = SenderParameters(
            streamID: streamID, trackID: track.sid.rawValue, cname: track.publisher.sid.rawValue,
            encodings: [SenderParameters.Encoding(ssrc: stream.ssrc, rtxSSRC: rtxSSRC, fecSSRC: fecSSRC)],
            codecs: [codec.name])
        transceiver = try? peer.addTransceiver(
            track.kind == .audio ? .audio : .video, direction: .sendonly, sender: parameters)
        connection.scheduleNegotiation()
    }

    /// An exchange was completed, or the transport came up.
    func connectionChanged() {
        guard let transceiver, let connection, let codec = track.codec,
            let section = peer.negotiated?.sections.first(where: { $0.transceiver == transceiver })
        else { return }
        let agreed = section.codecs.first { $0.name.lowercased() == codec.name.lowercased() }
        // A subscriber may refuse the section, or the codec, in a later answer.
        payloadType = section.isRejected || !section.direction.sends ? nil : agreed?.payloadType
        // Only the track's codec was offered.
        if section.isRejected { connection.codecRefused(track.sid) }
        rtxPayloadType = agreed?.rtxPayloadType
        element = peer.element(in: section)
        if !isProtected, let fecSSRC { isProtected = peer.protect(stream, in: section, ssrc: fecSSRC) }
        if payloadType != nil, peer.canSend, !hasBegun {
            hasBegun = true
            connection.trackBegan(track.sid)
        }
    }

    /// Asks for the picture to begin with.
    func begin() {
        if payloadType != nil, peer.canSend, isFlowing, rewriter.selector.current == nil { requestKeyframe() }
    }

    /// The publisher muted the track, or unmuted it.
    func setMuted(_ isMuted: Bool) {
        change {
            self.isMuted = isMuted
            reallocate()
        }
    }

    func apply(_ settings: TrackSettings) {
        change {
            self.settings = settings
            reallocate()
        }
    }

    /// What it asks of the path changed: that is shared out anew before the next packet.
    func reallocate() {
        guard track.kind == .video, let connection else { return }
        connection.allocate(now: connection.now)
    }

    /// Takes what the path allows. Returns whether it is another state of the stream.
    func allocate(_ target: StreamAllocator.Target) -> Bool {
        let wasPaused = isPaused
        change { allocated = target }
        return wasPaused != isPaused
    }

    /// Whether nothing is sent for want of bandwidth.
    var isPaused: Bool { allocated == .paused }
    private var isFlowing: Bool { settings.isEnabled && !isPaused && !isMuted }

    private func change(_ body: () -> Void) {
        let wasFlowing = isFlowing
        body()
        var needsKeyframe = false
        if case .layer(let highest) = allocated {
            needsKeyframe = rewriter.selector.want(min(settings.maximumLayer, highest))
        }
        if isFlowing, !wasFlowing {
            rewriter.selector.reset()
            silentFramesLeft = 0
        }
        if isFlowing, needsKeyframe || !wasFlowing { requestKeyframe() }
        if !isFlowing, wasFlowing { beginSilence() }
    }

    /// What it asks of the path; `nil` for sound, and before it can be sent.
    func demand(now: MediaInstant) -> StreamDemand? {
        guard track.kind == .video, payloadType != nil else { return nil }
        let usual =
            track.announcement.isScreenShare ? StreamDemand.screenSharePriority : StreamDemand.videoPriority
        return StreamDemand(
            track: track.sid, priority: settings.priority == 0 ? usual : settings.priority,
            wanted: settings.maximumLayer, isFlowing: settings.isEnabled && !isMuted,
            layers: track.demands(framesPerSecond: settings.framesPerSecond, now: now))
    }

    /// The layer comes from another stream now, whose numbers have nothing to do with the old one's.
    func layerReplaced(_ index: Int) {
        if rewriter.selector.current == index { rewriter.selector.reset() }
    }

    func requestKeyframe() {
        guard let now = connection?.now else { return }
        let target =
            rewriter.selector.target(available: track.sendingLayers(now: now)) ?? rewriter.selector.current
            ?? rewriter.selector.wanted
        track.requestKeyframe(layer: target, now: now)
    }

    func paceSilence() { connection?.room.pace(self) }

    /// Ends the stream; the section stays for another track.
    func detach() {
        track.remove(self)
        guard let connection else { return }
        if peer.state != .closed { flush(now: connection.now) }
        connection.unregister(ssrc: stream.ssrc)
        peer.remove(stream, rtxSSRC: rtxSSRC)
        if let transceiver { try? peer.stopSending(transceiver) }
        self.connection = nil
    }

    // MARK: Forwarding

    /// Sends what of the layer's burst is for this subscriber.
    func forward(_ layer: UpstreamLayer, available: Int, now: MediaInstant) {
        guard let payloadType, isFlowing, connection != nil, var run = peer.beginRun() else { return }
        let ring = layer.ring
        let limit = layer.temporalLimit(framesPerSecond: settings.framesPerSecond)
        for number in layer.burst {
            guard let packet = ring.packet(number),
                let entry = rewriter.rewrite(
                    packet, number: number, layer: layer, available: available, temporalLimit: limit, now: now)
            else { continue }
            let slot = unsafe run.reserve()
            let size = unsafe write(
                packet, entry: entry, payloadType: payloadType, number: UInt16(truncatingIfNeeded: entry.number),
                ssrc: stream.ssrc, original: nil, into: slot)
            unsafe run.send(
                slot, count: size, on: stream, timestamp: entry.timestamp, payloadSize: payload(of: packet).count,
                now: now)
        }
        peer.finish(run)
        if rewriter.awaitsKeyframe(of: layer.index, available: available, now: now) { layer.requestKeyframe(now: now) }
    }

    /// Builds the packet as the subscriber sees it: a header, for a retransmission the original number (RFC 4588 §4),
    /// and the payload with its descriptor rewritten in place. Returns its size.
    private func write(
        _ packet: PacketRing.Packet, entry: SentPacketLog.Entry, payloadType: UInt8, number: UInt16, ssrc: SSRC,
        original: UInt16?, into slot: UnsafeMutableRawBufferPointer
    ) -> Int {
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        var offset = writeHeader(
            payloadType: payloadType, marker: packet.info.marker, number: number, timestamp: entry.timestamp,
            ssrc: ssrc, to: &span)
        if let original {
            span.store(networkInteger: original, at: offset)
            offset += RTXPacket.overhead
        }
        let payload = unsafe payload(of: packet)
        unsafe span.store(RawSpan(_unsafeBytes: payload), at: offset)
        if let descriptor = entry.descriptor { _ = descriptor.write(to: &span, at: offset) }
        return offset + payload.count
    }

    /// What of the packet is for the subscriber.
    private func payload(of packet: PacketRing.Packet) -> UnsafeRawBufferPointer {
        guard stripsTrailers, packet.info.marker else { return unsafe packet.payload }
        return unsafe UnsafeRawBufferPointer(
            rebasing: packet.payload.dropLast(PacketTrailer.size(in: packet.payload)))
    }

    func sample() -> StreamSample? {
        sampler.sample(stream, clockRate: track.codec?.clockRate ?? 90_000, path: peer.roundTripTime)
    }

    /// Writes the header, with room for what congestion control says in it, and returns its size.
    func writeHeader(
        payloadType: UInt8, marker: Bool, number: UInt16, timestamp: UInt32, ssrc: SSRC, to span: inout MutableRawSpan
    ) -> Int {
        span.store(networkInteger: UInt8(0x80), at: 0)
        span.rewriteRTPHeader(
            payloadType: payloadType, marker: marker, sequenceNumber: SequenceNumber(rawValue: number),
            timestamp: timestamp, ssrc: ssrc)
        guard !element.isNone else { return Self.fixedHeaderSize }
        element.write(to: &span)
        return NumberElement.headerSize
    }

    // MARK: Loss

    func retransmit(_ numbers: [SequenceNumber]) {
        guard let now = connection?.now, let rtxSSRC, let rtxPayloadType, var run = peer.beginRun() else { return }
        for number in numbers {
            guard let entry = rewriter.retransmit(number, roundTripTime: peer.roundTripTime, now: now),
                let packet = track.layer(source: entry.layerSource)?.ring.packet(entry.source)
            else { continue }
            let slot = unsafe run.reserve()
            rtxSequence &+= 1
            let size = unsafe write(
                packet, entry: entry, payloadType: rtxPayloadType, number: rtxSequence, ssrc: rtxSSRC,
                original: number.rawValue, into: slot)
            unsafe run.resend(slot, count: size, of: stream, now: now)
        }
        peer.finish(run)
    }
}

// Probes for bandwidth: the newest packet once more, or padding, both on the stream of retransmissions.
extension DownTrack: ProbePacketSource {
    /// From this size on a packet is sent again, which may even be of use; smaller probes are padding.
    private static let smallestRepetition = 300
    /// What the count of a packet's padding can say (RFC 3550 §5.1).
    private static let longestPadding = 255

    func writeProbePacket(
        byteCount: Int, into slot: UnsafeMutableRawBufferPointer, now: MediaInstant
    ) -> Int? {
        guard let rtxSSRC, let rtxPayloadType, let newest = rewriter.newest else { return nil }
        rtxSequence &+= 1
        if byteCount >= Self.smallestRepetition,
            let packet = track.layer(source: newest.layerSource)?.ring.packet(newest.source)
        {
            return unsafe write(
                packet, entry: newest, payloadType: rtxPayloadType, number: rtxSequence, ssrc: rtxSSRC,
                original: UInt16(truncatingIfNeeded: newest.number), into: slot)
        }
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        let headerSize = writeHeader(
            payloadType: rtxPayloadType, marker: false, number: rtxSequence, timestamp: newest.timestamp,
            ssrc: rtxSSRC, to: &span)
        let padding = min(max(byteCount - headerSize, 1), Self.longestPadding)
        unsafe UnsafeMutableRawBufferPointer(rebasing: slot[headerSize..<headerSize + padding])
            .initializeMemory(as: UInt8.self, repeating: 0)
        unsafe slot[headerSize + padding - 1] = UInt8(padding)
        unsafe slot[0] |= 0x20
        return headerSize + padding
    }
}
