package import LiveKitCore
package import LiveKitRTC

/// A stream of RTP packets like an encoder's, sent by the clock, kept and sent again where the receiver asks.
///
/// Each payload begins with the packet's number in the flow, so that the receiver can say which ones came.
package final class MediaFlow {
    /// What is sent how often.
    package struct Shape: Hashable, Sendable {
        package var kind: SectionKind
        package var framesPerSecond: Int
        package var packetsPerFrame: Int
        package var payloadSize: Int
        /// The most that a flow makes whose frames follow the connection's congestion control.
        package var maximum: Bitrate?

        /// Thirty frames each second, of packets of about a thousand bytes.
        package static func video(bitrate: Int) -> Shape {
            let frame = bitrate / 8 / 30
            let packets = max(1, (frame + 1049) / 1050)
            return Shape(
                kind: .video, framesPerSecond: 30, packetsPerFrame: packets, payloadSize: max(4, frame / packets))
        }

        /// Thirty frames each second, as large as the connection's congestion control allows.
        package static func adaptiveVideo(maximum: Bitrate) -> Shape {
            Shape(kind: .video, framesPerSecond: 30, packetsPerFrame: 1, payloadSize: 1050, maximum: maximum)
        }

        /// Fifty packets each second, as Opus at 32 kbit/s.
        package static let audio = Shape(kind: .audio, framesPerSecond: 50, packetsPerFrame: 1, payloadSize: 80)
    }

    package let shape: Shape
    package let outbound: OutboundStream
    let rtxSSRC: SSRC?
    /// Packets sent so far: the next one's number.
    package private(set) var sentCount = 0
    package private(set) var retransmittedCount = 0
    /// When the next frame is due; `nil` while paused or before negotiation.
    private(set) var nextFrameAt: MediaInstant?
    /// Requests for packets, each counted as often as it is asked for.
    package private(set) var requestedCount = 0

    /// What an adaptive flow makes, headers apart.
    var rate = Bitrate.zero
    /// Whether frames are left out, as a forwarder leaves out the layers that it does not choose.
    package var isHeld = false
    /// Frames that were not made because too much waited.
    package private(set) var skippedCount = 0

    private static let smallestFrame = 200
    /// Bytes that frames were too small for.
    private var credit = 0

    private var isConfigured = false
    private var payloadType: UInt8 = 0
    private var rtxPayloadType: UInt8?
    private var transportSequenceID: UInt8 = 0
    private var absoluteSendTimeID: UInt8 = 0
    private var startsAt: MediaInstant?
    private var frames: Int64 = 0
    private var timestamp: UInt32 = 0
    private var sequenceNumber: SequenceNumber
    private var rtxSequenceNumber: SequenceNumber
    private var buffer: RetransmissionBuffer
    private var history: RetransmissionHistory
    private let filler: [UInt8]
    private var random: DeterministicRandom

    /// Header with one extension: fixed part, extension head, one word.
    private static let headerSize = 20

    init(_ shape: Shape, connection: PeerConnection, random: inout DeterministicRandom) {
        self.shape = shape
        outbound = OutboundStream(
            ssrc: connection.unusedSSRC(), clockRate: shape.kind == .audio ? 48_000 : 90_000)
        connection.add(outbound)
        rtxSSRC = shape.kind == .video ? connection.unusedSSRC() : nil
        sequenceNumber = SequenceNumber(rawValue: .random(in: 1...0x7FFF, using: &random))
        rtxSequenceNumber = SequenceNumber(rawValue: .random(in: 1...0x7FFF, using: &random))
        let capacity =
            shape.kind == .audio ? RTPLimits.retransmissionPacketsAudio : RTPLimits.retransmissionPacketsVideo
        buffer = RetransmissionBuffer(capacity: capacity)
        history = RetransmissionHistory(capacity: capacity)
        filler = [UInt8](repeating: 0x5A, count: shape.payloadSize)
        self.random = DeterministicRandom(seed: random.next())
        outbound.probeSource = shape.kind == .video ? self : nil
    }

    private var timestampStep: UInt32 {
        (shape.kind == .audio ? 48_000 : 90_000) / UInt32(shape.framesPerSecond)
    }

    var codecName: String { shape.kind == .audio ? "opus" : "VP8" }

    /// Takes over what was negotiated for the section.
    func configure(_ section: NegotiatedSection) {
        guard let codec = section.codecs.first(where: { $0.name.lowercased() == codecName.lowercased() }) else {
            return
        }
        payloadType = codec.payloadType
        rtxPayloadType = codec.rtxPayloadType
        func id(_ uri: String) -> UInt8 { section.extensions.first { $0.uri == uri }?.id ?? 0 }
        transportSequenceID = id(RTPHeaderExtensionURI.transportSequenceNumber)
        absoluteSendTimeID = id(RTPHeaderExtensionURI.absoluteSendTime)
        isConfigured = true
    }

    /// Begins to send.
    func start(now: MediaInstant) {
        startsAt = now
        frames = 0
        nextFrameAt = now
    }

    func stop() {
        nextFrameAt = nil
    }

    /// Sends the frames that are due; frames for which there is no path are skipped.
    func send(through peer: SimulatedPeer, now: MediaInstant) {
        while let due = nextFrameAt, due <= now, let startsAt {
            frames += 1
            nextFrameAt =
                startsAt + MediaDuration(nanoseconds: frames * 1_000_000_000 / Int64(shape.framesPerSecond))
            timestamp &+= timestampStep
            guard isConfigured, !isHeld, peer.connection.canSend else { continue }
            if shape.maximum == nil {
                for index in 0..<shape.packetsPerFrame {
                    let isLast = index == shape.packetsPerFrame - 1
                    sendPacket(shape.payloadSize, marker: isLast, through: peer, now: now)
                }
            } else if peer.isBacklogged {
                skippedCount += 1
            } else {
                sendAdaptiveFrame(through: peer, now: now)
            }
        }
    }

    /// A frame whose size scatters by a fifth around what the rate allows; none while that is too little for one.
    private func sendAdaptiveFrame(through peer: SimulatedPeer, now: MediaInstant) {
        let interval = MediaDuration(nanoseconds: 1_000_000_000 / Int64(shape.framesPerSecond))
        let scatter = Double.random(in: 0.8..<1.2, using: &random)
        credit += Int(Double(rate.byteCount(in: interval)) * scatter)
        guard credit >= Self.smallestFrame else { return }
        var left = credit
        credit = 0
        while left > 0 {
            let size = min(left, shape.payloadSize)
            left -= size
            sendPacket(max(size, 4), marker: left == 0, through: peer, now: now)
        }
    }

    /// Whether the packets tell congestion control of themselves.
    var isNumbered: Bool { transportSequenceID != 0 }

    /// What the flow takes of a rate, and what it would.
    var demand: BitrateSharing.Demand {
        let fixed = Bitrate(
            bitsPerSecond: Int64(shape.framesPerSecond * shape.packetsPerFrame)
                * Int64(shape.payloadSize + BitrateSharing.packetOverhead) * 8)
        guard let maximum = shape.maximum else { return .init(minimum: fixed, maximum: fixed) }
        return .init(
            minimum: LayerAllocation.least,
            maximum: BitrateSharing.total(of: maximum, framesPerSecond: shape.framesPerSecond))
    }

    private func sendPacket(_ payloadSize: Int, marker: Bool, through peer: SimulatedPeer, now: MediaInstant) {
        guard var run = peer.connection.beginRun() else { return }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        writeHeader(
            to: &span, payloadType: payloadType, marker: marker, sequenceNumber: sequenceNumber, ssrc: outbound.ssrc,
            transportSequence: peer.takeTransportSequence())
        unsafe UnsafeMutableRawBufferPointer(rebasing: slot[Self.headerSize...]).copyBytes(from: filler[..<payloadSize])
        span.store(networkInteger: UInt32(truncatingIfNeeded: sentCount), at: Self.headerSize)
        let size = Self.headerSize + payloadSize
        let packet = unsafe UnsafeRawBufferPointer(rebasing: slot[..<size])
        unsafe buffer.store(RawSpan(_unsafeBytes: packet), sequenceNumber: sequenceNumber)
        history.record(sequenceNumber, source: sequenceNumber, now: now)
        unsafe run.send(slot, count: size, on: outbound, timestamp: timestamp, payloadSize: payloadSize, now: now)
        peer.connection.finish(run)
        sequenceNumber = sequenceNumber.advanced(by: 1)
        sentCount += 1
    }

    private func writeHeader(
        to span: inout MutableRawSpan, payloadType: UInt8, marker: Bool, sequenceNumber: SequenceNumber, ssrc: SSRC,
        transportSequence: UInt16
    ) {
        span.rewriteRTPHeader(
            payloadType: payloadType, marker: marker, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: ssrc)
        span.store(networkInteger: UInt8(0x90), at: 0)
        span.store(networkInteger: UInt32(0xBEDE_0001), at: 12)
        // Zero is padding (RFC 8285 §4.2): all of the word where neither extension was agreed.
        var element: UInt32 = 0
        if transportSequenceID != 0 {
            element = UInt32(transportSequenceID << 4 | 1) << 24 | UInt32(transportSequence) << 8
        } else if absoluteSendTimeID != 0 {
            element = UInt32(absoluteSendTimeID << 4 | 2) << 24
        }
        span.store(networkInteger: element, at: 16)
    }

    /// Sends again what the receiver misses.
    func retransmit(_ missing: [SequenceNumber], through peer: SimulatedPeer, now: MediaInstant) {
        for number in missing {
            requestedCount += 1
            let roundTripTime = outbound.statistics.roundTripTime ?? peer.connection.roundTripTime
            guard case .send = history.request(number, roundTripTime: roundTripTime, now: now) else { continue }
            let isSent = buffer.withPacket(number) { packet in resend(packet, through: peer, now: now) }
            if isSent == true { retransmittedCount += 1 }
        }
    }

    private func resend(_ packet: RawSpan, through peer: SimulatedPeer, now: MediaInstant) -> Bool {
        guard var run = peer.connection.beginRun() else { return false }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        guard let rtxSSRC, let rtxPayloadType, let info = try? RTPPacketInfo(parsing: packet) else {
            guard span.store(packet, at: 0) else { return false }
            let isSent = unsafe run.resend(slot, count: packet.byteCount, of: outbound, now: now)
            peer.connection.finish(run)
            return isSent
        }
        let size = RTXPacket.wrap(
            packet, info: info, payloadType: rtxPayloadType, sequenceNumber: rtxSequenceNumber, ssrc: rtxSSRC,
            into: &span)
        guard let size else { return false }
        if transportSequenceID != 0 {
            span.store(networkInteger: peer.takeTransportSequence(), at: 17)
        }
        rtxSequenceNumber = rtxSequenceNumber.advanced(by: 1)
        let isSent = unsafe run.resend(slot, count: size, of: outbound, now: now)
        peer.connection.finish(run)
        return isSent
    }
}

extension MediaFlow: ProbePacketSource {
    /// From this size on an earlier packet is sent again; smaller probes are padding.
    private static let smallestRepetition = 300

    package func writeProbePacket(
        byteCount: Int, into slot: UnsafeMutableRawBufferPointer, now: MediaInstant
    ) -> Int? {
        guard let rtxSSRC, let rtxPayloadType else { return nil }
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        defer { rtxSequenceNumber = rtxSequenceNumber.advanced(by: 1) }
        if byteCount >= Self.smallestRepetition {
            let size = buffer.withPacket(sequenceNumber.advanced(by: -1)) { packet -> Int? in
                guard let info = try? RTPPacketInfo(parsing: packet) else { return nil }
                return RTXPacket.wrap(
                    packet, info: info, payloadType: rtxPayloadType, sequenceNumber: rtxSequenceNumber, ssrc: rtxSSRC,
                    into: &span)
            }
            if let size, let size { return size }
        }
        writeHeader(
            to: &span, payloadType: rtxPayloadType, marker: false, sequenceNumber: rtxSequenceNumber, ssrc: rtxSSRC,
            transportSequence: 0)
        let padding = min(max(byteCount - Self.headerSize, 1), 255)
        for offset in 0..<padding { span.store(networkInteger: UInt8(0), at: Self.headerSize + offset) }
        span.store(networkInteger: UInt8(0xB0), at: 0)
        span.store(networkInteger: UInt8(padding), at: Self.headerSize + padding - 1)
        return Self.headerSize + padding
    }
}
