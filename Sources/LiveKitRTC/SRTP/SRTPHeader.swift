/// What SRTP has to know of a packet before it touches it, read with every length checked.
struct SRTPHeader {
    var ssrc: UInt32
    var sequenceNumber: UInt16
    /// Fixed header, CSRCs and header extension: everything that stays in clear (RFC 3550 §5.1, §5.3.1).
    var size: Int

    private static let fixedSize = 12

    @inline(__always)
    init(parsing packet: UnsafeRawBufferPointer) throws(SRTPError) {
        guard packet.count >= Self.fixedSize, unsafe packet[0] >> 6 == 2 else { throw .malformed }
        unsafe sequenceNumber = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        unsafe ssrc = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        size = unsafe Self.fixedSize + 4 * Int(packet[0] & 0x0F)
        if unsafe packet[0] & 0x10 != 0 {
            guard size + 4 <= packet.count else { throw .malformed }
            let words = unsafe UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: size + 2, as: UInt16.self))
            size += 4 + 4 * Int(words)
        }
        guard size <= packet.count else { throw .malformed }
    }
}

/// An RTCP packet's clear part: the first header and its sender (RFC 3711 §3.4).
struct SRTCPHeader {
    var ssrc: UInt32

    static let size = 8

    init(parsing packet: UnsafeRawBufferPointer) throws(SRTPError) {
        guard packet.count >= Self.size, unsafe packet[0] >> 6 == 2 else { throw .malformed }
        unsafe ssrc = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }
}
