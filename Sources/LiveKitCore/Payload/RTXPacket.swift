/// Wraps packets for retransmission on a stream of their own, and unwraps them, both without allocating.
///
/// The retransmission's payload is the original sequence number (OSN) followed by the original payload.
///
/// - SeeAlso: [RFC 4588 §4](https://www.rfc-editor.org/rfc/rfc4588#section-4).
package enum RTXPacket {
    /// The size of the original sequence number, by which a wrapped packet grows.
    package static let overhead = 2

    /// The original sequence number of a retransmission; `nil` for one without payload, such as a probe's padding.
    package static func originalSequenceNumber(in packet: RawSpan, info: RTPPacketInfo) -> SequenceNumber? {
        guard info.payloadSize >= overhead else { return nil }
        return packet.networkInteger(at: info.payloadOffset).map(SequenceNumber.init(rawValue:))
    }

    /// Turns a retransmission back into the original packet, where it lies.
    ///
    /// The header moves over the original sequence number, so the packet starts ``overhead`` bytes later than before.
    /// Returns `false`, and leaves the bytes alone, when there is nothing to unwrap.
    package static func unwrap(
        _ packet: inout MutableRawSpan, info: RTPPacketInfo, payloadType: UInt8, ssrc: SSRC
    ) -> Bool {
        guard let original = originalSequenceNumber(in: packet.bytes, info: info),
            packet.move(from: 0, to: overhead, size: info.headerSize)
        else { return false }
        packet.store(networkInteger: (info.marker ? 0x80 : 0) | payloadType & 0x7F, at: overhead + 1)
        packet.store(networkInteger: original.rawValue, at: overhead + 2)
        packet.store(networkInteger: ssrc.rawValue, at: overhead + 8)
        return true
    }

    /// Writes the retransmission of `packet` into `target` and returns its size, or `nil` where it does not fit.
    /// The original's padding is left out.
    package static func wrap(
        _ packet: RawSpan, info: RTPPacketInfo, payloadType: UInt8, sequenceNumber: SequenceNumber, ssrc: SSRC,
        into target: inout MutableRawSpan
    ) -> Int? {
        let size = info.headerSize + overhead + info.payloadSize
        guard target.byteCount >= size, let first = packet.octet(at: 0) else { return nil }
        target.store(packet.clamped(offset: 0, size: info.headerSize), at: 0)
        target.store(networkInteger: info.sequenceNumber.rawValue, at: info.headerSize)
        let payload = packet.clamped(offset: info.payloadOffset, size: info.payloadSize)
        target.store(payload, at: info.headerSize + overhead)
        target.store(networkInteger: first & ~0x20, at: 0)
        target.rewriteRTPHeader(
            payloadType: payloadType, marker: info.marker, sequenceNumber: sequenceNumber, timestamp: info.timestamp,
            ssrc: ssrc)
        return size
    }
}
