// Rewriting a header where it lies: what forwarding does to each packet (RFC 3550 §5.1 for the offsets).
extension MutableRawSpan {
    /// Replaces the fields that differ for each receiver. The span is a packet that ``RTPPacketInfo`` accepted.
    @_lifetime(self: copy self)
    package mutating func rewriteRTPHeader(
        payloadType: UInt8, marker: Bool, sequenceNumber: SequenceNumber, timestamp: UInt32, ssrc: SSRC
    ) {
        store(networkInteger: (marker ? 0x80 : 0) | payloadType & 0x7F, at: 1)
        store(networkInteger: sequenceNumber.rawValue, at: 2)
        store(networkInteger: timestamp, at: 4)
        store(networkInteger: ssrc.rawValue, at: 8)
    }
}
