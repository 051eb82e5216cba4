internal import LiveKitCore

/// The stream of repair packets beside one that we send.
final class OutboundCorrection {
    let ssrc: SSRC
    let payloadType: UInt8
    var machine: FlexFECSender
    private var sequenceNumber: SequenceNumber
    /// The id of the transport-wide number that is written when a packet leaves.
    private let transportSequenceID: UInt8?

    init(
        ssrc: SSRC, payloadType: UInt8, machine: consuming FlexFECSender, firstNumber: SequenceNumber,
        transportSequenceID: UInt8?
    ) {
        self.ssrc = ssrc
        self.payloadType = payloadType
        self.machine = machine
        sequenceNumber = firstNumber
        self.transportSequenceID = transportSequenceID
    }

    /// Takes a packet of the stream in, before it is encrypted.
    func protect(_ packet: UnsafeRawBufferPointer, now: MediaInstant) {
        let span = unsafe RawSpan(_unsafeBytes: packet)
        guard let info = try? RTPPacketInfo(parsing: span) else { return }
        machine.protect(span, info: info, now: now)
    }

    /// Writes the next repair packet into the slot and returns its size; `nil` when there is none, or no room.
    func write(timestamp: UInt32, to slot: inout MutableRawSpan) -> Int? {
        guard let payload = machine.poll() else { return nil }
        let headerSize = transportSequenceID == nil ? 12 : 20
        guard headerSize + payload.count <= slot.byteCount else { return nil }
        slot.store(networkInteger: UInt8(transportSequenceID == nil ? 0x80 : 0x90), at: 0)
        slot.rewriteRTPHeader(
            payloadType: payloadType, marker: false, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: ssrc)
        sequenceNumber = sequenceNumber.advanced(by: 1)
        if let transportSequenceID {
            // RFC 8285 §4.2: one element of two bytes, and one of padding.
            slot.store(networkInteger: UInt32(0xBEDE_0001), at: 12)
            slot.store(networkInteger: UInt32(transportSequenceID << 4 | 1) << 24, at: 16)
        }
        slot.store(payload.rawSpan, at: headerSize)
        return headerSize + payload.count
    }
}
