extension STUNMessage {
    /// Whether a datagram is STUN, by the checks of RFC 8489 §5 that need no attribute: the two zero bits,
    /// the cookie and the length. Allocates nothing.
    public static func looksLikeSTUN(_ bytes: RawSpan) -> Bool {
        var reader = ByteReader(bytes)
        guard let type = try? reader.read(UInt16.self), let length = try? reader.read(UInt16.self),
            let cookie = try? reader.read(UInt32.self)
        else { return false }
        return type & 0xC000 == 0 && cookie == magicCookie && length % 4 == 0
            && Int(length) == bytes.byteCount - headerSize
    }

    /// The bytes of the first USERNAME, without parsing or believing the rest. Allocates nothing.
    @_lifetime(copy bytes)
    public static func username(of bytes: RawSpan) -> RawSpan? {
        guard looksLikeSTUN(bytes) else { return nil }
        var reader = ByteReader(bytes)
        guard (try? reader.skip(headerSize)) != nil else { return nil }
        for _ in 0..<STUNLimits.attributes {
            guard let type = try? reader.read(UInt16.self), let length = try? reader.read(UInt16.self) else {
                return nil
            }
            let start = reader.offset
            let end = start + Int(length)
            guard end <= bytes.byteCount else { return nil }
            if type == STUNAttribute.TypeCode.username { return bytes.extracting(start..<end) }
            guard (try? reader.skip((Int(length) + 3) & ~3)) != nil else { return nil }
        }
        return nil
    }

    /// The ufrag of the agent that a connectivity check is for, which is the part of its USERNAME before the
    /// colon (RFC 8445 §7.2.2): what a port shared by many agents is demultiplexed by. Verifies nothing.
    public static func receiverUfrag(of bytes: RawSpan) -> String? {
        guard let username = username(of: bytes) else { return nil }
        var reader = ByteReader(username)
        while let byte = try? reader.peek(at: 0), byte != UInt8(ascii: ":") {
            guard (try? reader.skip(1)) != nil else { return nil }
        }
        guard !reader.isAtEnd else { return nil }
        return String(decoding: [UInt8](copying: username.extracting(0..<reader.offset)), as: UTF8.self)
    }
}
