internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// Sends one RTP stream: numbers its packets, writes their headers, keeps them for retransmission. Confined to the
/// media loop.
final class RTPStreamSender {
    let outbound: OutboundStream
    let clockRate: UInt32
    let rid: String?
    let rtxSSRC: SSRC?
    private(set) var isConfigured = false
    private(set) var retransmittedCount: UInt64 = 0

    private var payloadType: UInt8 = 0
    private var rtxPayloadType: UInt8?
    private var ids = PacketTemplate.ExtensionIDs()
    private var mid = ""
    private var template = PacketTemplate(ids: .init(), mid: nil, rid: nil)
    private var repairTemplate = PacketTemplate(ids: .init(), mid: nil, rid: nil)
    private var sequenceNumber: SequenceNumber
    private var rtxSequenceNumber: SequenceNumber
    private var buffer: RetransmissionBuffer
    private var history: RetransmissionHistory

    init(ssrc: SSRC, rtxSSRC: SSRC?, rid: String?, clockRate: UInt32, capacity: Int) {
        self.clockRate = clockRate
        outbound = OutboundStream(ssrc: ssrc, clockRate: clockRate)
        self.rtxSSRC = rtxSSRC
        self.rid = rid
        // RFC 3550 §5.1 wants a random start; below 2^15, so that the first wrap, which SRTP must guess, is far.
        sequenceNumber = SequenceNumber(rawValue: UInt16.random(in: 1...0x7FFF))
        rtxSequenceNumber = SequenceNumber(rawValue: UInt16.random(in: 1...0x7FFF))
        buffer = RetransmissionBuffer(capacity: capacity)
        history = RetransmissionHistory(capacity: capacity)
        outbound.probeSource = rtxSSRC == nil ? nil : self
    }

    /// Whether the packets tell congestion control of themselves.
    var isNumbered: Bool { ids.transportSequence > 0 }

    /// The number of the next packet.
    var nextNumber: SequenceNumber { sequenceNumber }

    /// Takes over what was agreed for the stream's section.
    func configure(_ section: NegotiatedSection, codec: NegotiatedCodec) {
        payloadType = codec.payloadType
        rtxPayloadType = codec.rtxPayloadType
        ids = PacketTemplate.ExtensionIDs(section.extensions)
        mid = section.mid
        template = PacketTemplate(ids: ids, mid: mid, rid: rid)
        repairTemplate = PacketTemplate(ids: ids, mid: mid, rid: rid, isRepair: true)
        isConfigured = true
    }

    /// The receiver reported about the stream: it knows where it belongs, so its names need not be sent any more.
    func noteKnown() {
        template = PacketTemplate(ids: ids, mid: nil, rid: nil)
    }

    /// Sends one packet. `fill` writes the payload into the room behind the header and returns its size.
    func send(
        timestamp: UInt32, marker: Bool, audioLevel: UInt8? = nil, through transport: PeerTransport,
        fill: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let connection = transport.connection
        guard isConfigured, var run = connection.beginRun() else { return }
        let now = transport.core.now
        let slot = unsafe run.reserve()
        let fields = PacketTemplate.Fields(
            payloadType: payloadType, marker: marker, sequenceNumber: sequenceNumber, timestamp: timestamp,
            ssrc: outbound.ssrc, audioLevel: audioLevel)
        let headerSize = unsafe template.write(fields, to: slot)
        let payloadSize = unsafe fill(UnsafeMutableRawBufferPointer(rebasing: slot[headerSize...]))
        let size = headerSize + payloadSize
        let packet = unsafe UnsafeRawBufferPointer(rebasing: slot[..<size])
        unsafe buffer.store(RawSpan(_unsafeBytes: packet), sequenceNumber: sequenceNumber)
        history.record(sequenceNumber, source: sequenceNumber, now: now)
        unsafe run.send(slot, count: size, on: outbound, timestamp: timestamp, payloadSize: payloadSize, now: now)
        connection.finish(run)
        sequenceNumber = sequenceNumber.advanced(by: 1)
    }

    /// Sends again what the receiver misses, on the retransmission stream where there is one (RFC 4588).
    func retransmit(_ missing: [SequenceNumber], through transport: PeerTransport) {
        guard var run = transport.connection.beginRun() else { return }
        let now = transport.core.now
        for number in missing {
            guard
                case .send = history.request(
                    number, roundTripTime: outbound.statistics.roundTripTime ?? transport.connection.roundTripTime,
                    now: now)
            else { continue }
            let isSent = buffer.withPacket(number) { packet in
                if let rtxSSRC, let rtxPayloadType {
                    return sendRepair(packet, ssrc: rtxSSRC, payloadType: rtxPayloadType, in: &run, now: now)
                }
                return resend(packet, in: &run, now: now)
            }
            if isSent == true { retransmittedCount &+= 1 }
        }
        transport.connection.finish(run)
    }

    private func sendRepair(
        _ packet: RawSpan, ssrc: SSRC, payloadType: UInt8, in run: inout OutgoingRun, now: MediaInstant
    ) -> Bool {
        let slot = unsafe run.reserve()
        guard let size = unsafe writeRepair(packet, ssrc: ssrc, payloadType: payloadType, to: slot) else {
            return false
        }
        return unsafe run.resend(slot, count: size, of: outbound, now: now)
    }

    /// Writes a packet's retransmission (RFC 4588 §4) and returns its size.
    private func writeRepair(
        _ packet: RawSpan, ssrc: SSRC, payloadType: UInt8, to slot: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let info = try? RTPPacketInfo(parsing: packet) else { return nil }
        let fields = PacketTemplate.Fields(
            payloadType: payloadType, marker: info.marker, sequenceNumber: rtxSequenceNumber,
            timestamp: info.timestamp, ssrc: ssrc)
        let headerSize = unsafe repairTemplate.write(fields, to: slot)
        let size = headerSize + RTXPacket.overhead + info.payloadSize
        guard size <= slot.count else { return nil }
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: info.sequenceNumber.rawValue, at: headerSize)
        span.store(
            packet.extracting(info.payloadOffset..<info.payloadOffset + info.payloadSize),
            at: headerSize + RTXPacket.overhead)
        rtxSequenceNumber = rtxSequenceNumber.advanced(by: 1)
        return size
    }

    private func resend(_ packet: RawSpan, in run: inout OutgoingRun, now: MediaInstant) -> Bool {
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        guard span.store(packet, at: 0) else { return false }
        return unsafe run.resend(slot, count: packet.byteCount, of: outbound, now: now)
    }
}

extension RTPStreamSender: ProbePacketSource {
    /// From this size on an earlier packet is sent again, which may even be of use; smaller probes are padding.
    private static let smallestRepetition = 300
    /// What the count of a packet's padding can say (RFC 3550 §5.1).
    private static let longestPadding = 255

    func writeProbePacket(
        byteCount: Int, into slot: UnsafeMutableRawBufferPointer, now: MediaInstant
    ) -> Int? {
        guard let rtxSSRC, let rtxPayloadType else { return nil }
        if byteCount >= Self.smallestRepetition {
            let size = buffer.withPacket(sequenceNumber.advanced(by: -1)) { packet in
                unsafe writeRepair(packet, ssrc: rtxSSRC, payloadType: rtxPayloadType, to: slot)
            }
            if let size, let size { return size }
        }
        let fields = PacketTemplate.Fields(
            payloadType: rtxPayloadType, marker: false, sequenceNumber: rtxSequenceNumber,
            timestamp: outbound.statistics.lastTimestamp, ssrc: rtxSSRC)
        let headerSize = unsafe repairTemplate.write(fields, to: slot)
        rtxSequenceNumber = rtxSequenceNumber.advanced(by: 1)
        let padding = min(max(byteCount - headerSize, 1), Self.longestPadding)
        unsafe UnsafeMutableRawBufferPointer(rebasing: slot[headerSize..<headerSize + padding])
            .initializeMemory(as: UInt8.self, repeating: 0)
        unsafe slot[headerSize + padding - 1] = UInt8(padding)
        unsafe slot[0] |= 0x20
        return headerSize + padding
    }
}
