/// The four bytes that every RTCP packet starts with.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  count  |  packet type  |     length (words - 1)        |
/// ```
///
/// - SeeAlso: [RFC 3550 §6.4.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
struct RTCPHeader {
    static let size = 4
    /// What the five bits of the count hold.
    static let maximumCount = 31

    /// Report count, source count or feedback format.
    let count: UInt8
    let packetType: UInt8
    /// Bytes between the header and the padding.
    let bodySize: Int
    let paddingSize: Int

    var packetSize: Int { Self.size + bodySize + paddingSize }

    /// Consumes the four bytes, and checks that what they announce is there.
    init(parsing reader: inout ByteReader) throws(WireError) {
        let first: UInt8 = try reader.read()
        guard first >> 6 == 2 else { throw .invalid(.version) }
        count = first & 0x1F
        packetType = try reader.read()
        let size = Int(try reader.read(UInt16.self)) * 4
        guard size <= reader.remaining else {
            throw .truncated(needed: size, available: reader.remaining, offset: reader.offset)
        }
        if first & 0x20 != 0 {
            guard size > 0 else { throw .invalid(.padding) }
            let padding = Int(try reader.peek(at: size - 1))
            guard padding > 0, padding <= size else { throw .invalid(.padding) }
            paddingSize = padding
        } else {
            paddingSize = 0
        }
        bodySize = size - paddingSize
    }

    /// Consumes the four bytes of a packet whose kind is known.
    init(parsing reader: inout ByteReader, type: UInt8, count expected: UInt8? = nil) throws(WireError) {
        try self.init(parsing: &reader)
        guard packetType == type else { throw .invalid(.type) }
        if let expected, count != expected { throw .invalid(.feedbackFormat) }
    }
}

/// The packet types, RFC 3550 §12.1, RFC 4585 §9 and RFC 3611 §2.
enum RTCPPacketType {
    static let senderReport: UInt8 = 200
    static let receiverReport: UInt8 = 201
    static let sourceDescription: UInt8 = 202
    static let goodbye: UInt8 = 203
    static let transportFeedback: UInt8 = 205
    static let payloadFeedback: UInt8 = 206
    static let extendedReport: UInt8 = 207
}

extension WireError.Field {
    /// The format (FMT) of a feedback message.
    public static let feedbackFormat = Self("FMT")
    /// A count of blocks, chunks or sources.
    public static let count = Self("count")
}

extension ByteWriter {
    /// Writes one RTCP packet: header, what `body` writes, zeros up to a whole word, and the length.
    mutating func writeRTCP(type: UInt8, count: Int, body: (inout ByteWriter) -> Void) {
        let start = self.count
        write(UInt8(0x80) | UInt8(truncatingIfNeeded: count & RTCPHeader.maximumCount))
        write(type)
        write(UInt16(0))
        body(&self)
        let size = self.count - start
        write(zeros: (4 - size % 4) % 4)
        overwrite(UInt16(truncatingIfNeeded: (self.count - start) / 4 - 1), at: start + 2)
    }
}
