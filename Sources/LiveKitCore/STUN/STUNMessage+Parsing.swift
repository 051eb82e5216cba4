extension WireError.Field {
    /// The magic cookie of STUN.
    package static let magicCookie = Self("magic cookie")
    /// The FINGERPRINT attribute: a wrong sum, or not the last attribute.
    package static let fingerprint = Self("FINGERPRINT")
    /// More attributes than ``STUNLimits/attributes``.
    package static let attributeCount = Self("number of attributes")
}

extension STUNMessage {
    private typealias TypeCode = STUNAttribute.TypeCode

    /// Parses one whole message: a datagram, or one frame of a stream.
    ///
    /// ```
    ///  0 0  M11..M7 C1 M6..M4 C0 M3..M0 | length of the attributes
    ///                      magic cookie 0x2112A442
    ///               transaction id (12 bytes) | attributes: type, length, value, padding to 4
    /// ```
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let type: UInt16 = try reader.read()
        let length = Int(try reader.read(UInt16.self))
        let cookie: UInt32 = try reader.read()
        let high: UInt32 = try reader.read()
        let low: UInt64 = try reader.read()
        guard type & 0xC000 == 0, let messageClass = Class(rawValue: type >> 7 & 0b10 | type >> 4 & 0b01) else {
            throw .invalid(.type)
        }
        guard cookie == Self.magicCookie else { throw .invalid(.magicCookie) }
        guard length % 4 == 0, length == reader.remaining else { throw .invalid(.length) }

        let method = Method(rawValue: type & 0xF | type >> 1 & 0x70 | type >> 2 & 0xF80)
        self.init(class: messageClass, method: method, transactionID: STUNTransactionID(high: high, low: low))
        try parseAttributes(&reader, of: bytes)
    }

    /// Parses one whole message.
    public init(parsing bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.rawSpan)
    }

    private mutating func parseAttributes(_ reader: inout ByteReader, of bytes: RawSpan) throws(WireError) {
        var count = 0
        while !reader.isAtEnd {
            let start = reader.offset
            let type: UInt16 = try reader.read()
            let length = Int(try reader.read(UInt16.self))
            var value = try reader.split(length)
            try reader.skip((4 - length % 4) % 4)
            count += 1
            guard count <= STUNLimits.attributes else { throw .invalid(.attributeCount) }

            switch type {
            case TypeCode.fingerprint:
                try verifyFingerprint(&value, prefix: bytes.extracting(0..<start), isLast: reader.isAtEnd)
            case TypeCode.messageIntegrity where integrity == nil && integritySHA256 == nil:
                guard length == 20 else { throw .invalid(.length) }
                let prefix = [UInt8](copying: bytes.extracting(0..<start))
                integrity = Integrity(prefix: prefix, tag: value.readRemaining())
            case TypeCode.messageIntegritySHA256 where integritySHA256 == nil:
                guard (16...32).contains(length), length % 4 == 0 else { throw .invalid(.length) }
                integritySHA256 = value.readRemaining()
            case _ where integrity != nil || integritySHA256 != nil:
                continue  // Not covered by the integrity, so anybody may have appended it (RFC 8489 §14.5).
            default:
                attributes.append(try STUNAttribute(type: type, value: &value, transactionID: transactionID))
            }
        }
    }

    private mutating func verifyFingerprint(
        _ value: inout ByteReader, prefix: RawSpan, isLast: Bool
    ) throws(WireError) {
        let sum: UInt32 = try value.read()
        guard value.isAtEnd, isLast, sum == CRC32.checksum(of: prefix) ^ Self.fingerprintMask else {
            throw .invalid(.fingerprint)
        }
        hasFingerprint = true
    }
}
