/// An SCTP packet: the common header and its chunks.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |      source port              |       destination port        |
/// |                       verification tag                        |
/// |               checksum (CRC32c, little endian)                |
/// |                          chunks ...                           |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.1).
package struct SCTPPacket: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    package var verificationTag: UInt32
    package var chunks: [SCTPChunk]

    package static let headerSize = 12
    private static let checksumOffset = 8

    package init(sourcePort: UInt16, destinationPort: UInt16, verificationTag: UInt32, chunks: [SCTPChunk]) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.verificationTag = verificationTag
        self.chunks = chunks
    }
}

extension WireError.Field {
    static let checksum = Self("checksum")
}

extension SCTPPacket {
    /// Decodes a packet after checking its checksum.
    ///
    /// A zero checksum is good enough with `acceptsZeroChecksum`, where an alternative error detection method
    /// was announced ([RFC 9653 §5.3](https://www.rfc-editor.org/rfc/rfc9653#section-5.3)). INIT and COOKIE
    /// ECHO are held to a real checksum in any case.
    package init(parsing bytes: RawSpan, acceptsZeroChecksum: Bool = false) throws(WireError) {
        var reader = ByteReader(bytes)
        sourcePort = try reader.read()
        destinationPort = try reader.read()
        verificationTag = try reader.read()
        let checksum: UInt32 = try reader.readLittleEndian()
        let firstType = try reader.peek()
        let needsChecksum = firstType == InitChunk.type || firstType == CookieEchoChunk.type
        if checksum != 0 || needsChecksum || !acceptsZeroChecksum {
            guard checksum == Self.checksum(of: bytes) else { throw .invalid(.checksum) }
        }
        chunks = []
        while reader.remaining >= SCTPChunk.headerSize {
            chunks.append(try SCTPChunk(parsing: &reader))
        }
        guard !chunks.isEmpty else { throw .invalid(.length) }
    }

    /// Decodes a packet after checking its checksum.
    package init(parsing bytes: [UInt8], acceptsZeroChecksum: Bool = false) throws(WireError) {
        try self.init(parsing: bytes.rawSpan, acceptsZeroChecksum: acceptsZeroChecksum)
    }

    /// The encoded packet, with a checksum unless `zeroChecksum`.
    package func encoded(zeroChecksum: Bool = false) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.headerSize + chunks.reduce(0) { $0 + $1.encodedSize })
        writer.write(sourcePort)
        writer.write(destinationPort)
        writer.write(verificationTag)
        writer.write(UInt32(0))
        for chunk in chunks { chunk.write(to: &writer) }
        if !zeroChecksum {
            let checksum = CRC32c.checksum(of: writer.bytes.rawSpan)
            writer.overwrite(checksum.byteSwapped, at: Self.checksumOffset)
        }
        return writer.bytes
    }

    /// The checksum over `bytes` with the checksum field taken as zero.
    private static func checksum(of bytes: RawSpan) -> UInt32 {
        let zeros: [UInt8] = [0, 0, 0, 0]
        var check = CRC32c()
        check.add(bytes.extracting(0..<checksumOffset))
        check.add(zeros.rawSpan)
        check.add(bytes.extracting(headerSize..<bytes.byteCount))
        return check.value
    }
}
