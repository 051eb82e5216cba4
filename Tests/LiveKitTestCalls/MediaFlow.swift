internal import LiveKitCore
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

        /// Thirty frames each second, of packets of about a thousand bytes.
        package static func video(bitrate: Int) -> Shape {
            let frame = bitrate / 8 / 30
            let packets = max(1, (frame + 1049) / 1050)
            return Shape(
                kind: .video, framesPerSecond: 30, packetsPerFrame: packets, payloadSize: max(4, frame / packets))
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

    private var isConfigured = false
    private var payloadType: UInt8 = 0
    private var rtxPayloadType: UInt8?
    private var transportSequenceID: UInt8 = 0
    private var startsAt: MediaInstant?
    private var frames: Int64 = 0
    private var timestamp: UInt32 = 0
    private var sequenceNumber: SequenceNumber
    private var rtxSequenceNumber: SequenceNumber
    private var buffer: RetransmissionBuffer
    private var history: RetransmissionHistory
    private let filler: [UInt8]

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
        let mapping = section.extensions.first { $0.uri == RTPHeaderExtensionURI.transportSequenceNumber }
        transportSequenceID = mapping?.id ?? 0
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
            guard isConfigured, peer.connection.canSend else { continue }
            for index in 0..<shape.packetsPerFrame {
                sendPacket(marker: index == shape.packetsPerFrame - 1, through: peer, now: now)
            }
        }
    }

    private func sendPacket(marker: Bool, through peer: SimulatedPeer, now: MediaInstant) {
        guard var run = peer.connection.beginRun() else { return }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        writeHeader(
            to: &span, payloadType: payloadType, marker: marker, sequenceNumber: sequenceNumber, ssrc: outbound.ssrc,
            transportSequence: peer.takeTransportSequence())
        unsafe UnsafeMutableRawBufferPointer(rebasing: slot[Self.headerSize...]).copyBytes(from: filler)
        span.store(networkInteger: UInt32(truncatingIfNeeded: sentCount), at: Self.headerSize)
        let size = Self.headerSize + shape.payloadSize
        let packet = unsafe UnsafeRawBufferPointer(rebasing: slot[..<size])
        unsafe buffer.store(RawSpan(_unsafeBytes: packet), sequenceNumber: sequenceNumber)
        history.record(sequenceNumber, source: sequenceNumber, now: now)
        unsafe run.send(
            slot, count: size, on: outbound, timestamp: timestamp, payloadSize: shape.payloadSize, now: now)
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
        // Zero is padding (RFC 8285 §4.2): all of the word where the extension was not agreed.
        let element: UInt32 =
            transportSequenceID == 0
            ? 0 : UInt32(transportSequenceID << 4 | 1) << 24 | UInt32(transportSequence) << 8
        span.store(networkInteger: element, at: 16)
    }

    /// Sends again what the receiver misses.
    func retransmit(_ missing: [SequenceNumber], through peer: SimulatedPeer, now: MediaInstant) {
        for number in missing {
            requestedCount += 1
            let roundTripTime = outbound.statistics.roundTripTime ?? peer.connection.roundTripTime
            guard case .send = history.request(number, roundTripTime: roundTripTime, now: now) else { continue }
            let isSent = buffer.withPacket(number) { packet in resend(packet, number, through: peer) }
            if isSent == true { retransmittedCount += 1 }
        }
    }

    private func resend(_ packet: RawSpan, _ number: SequenceNumber, through peer: SimulatedPeer) -> Bool {
        guard var run = peer.connection.beginRun() else { return false }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        guard let rtxSSRC, let rtxPayloadType, let info = try? RTPPacketInfo(parsing: packet) else {
            guard span.store(packet, at: 0) else { return false }
            let isSent = unsafe run.send(slot, count: packet.byteCount)
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
        let isSent = unsafe run.send(slot, count: size)
        peer.connection.finish(run)
        return isSent
    }
}
