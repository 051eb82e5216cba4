extension STUNMessage {
    /// Writes the message.
    ///
    /// - Parameters:
    ///   - key: Appends MESSAGE-INTEGRITY under this key.
    ///   - fingerprint: Appends FINGERPRINT, as every ICE check must (RFC 8445 §7.1.2).
    ///   - padding: What fills attributes up to a multiple of four. Zero, so that no memory leaks out;
    ///     RFC 5769's vectors use spaces.
    /// - Returns: The whole message.
    /// - Precondition: The attributes fit the 16-bit length field.
    public func encoded(key: STUNKey? = nil, fingerprint: Bool = true, padding: UInt8 = 0) -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        let type = (messageClass.rawValue & 0b01) << 4 | (messageClass.rawValue & 0b10) << 7
        let bits = method.rawValue
        writer.write(type | bits & 0xF | (bits & 0x70) << 1 | (bits & 0xF80) << 2)
        writer.write(UInt16(0))
        writer.write(Self.magicCookie)
        writer.write(transactionID.high)
        writer.write(transactionID.low)
        for attribute in attributes {
            let start = Self.openAttribute(attribute.typeCode, in: &writer)
            attribute.writeValue(to: &writer, transactionID: transactionID)
            Self.closeAttribute(from: start, in: &writer, padding: padding)
        }
        if let key {
            let tag = key.integrity(ofPrefix: writer.bytes)
            let start = Self.openAttribute(STUNAttribute.TypeCode.messageIntegrity, in: &writer)
            writer.write(bytes: tag)
            Self.closeAttribute(from: start, in: &writer, padding: padding)
        }
        if fingerprint {
            // The sum covers a header whose length already counts the FINGERPRINT itself.
            Self.setLength(of: &writer, adding: 8)
            let sum = CRC32.checksum(of: writer.bytes.rawSpan) ^ Self.fingerprintMask
            let start = Self.openAttribute(STUNAttribute.TypeCode.fingerprint, in: &writer)
            writer.write(sum)
            Self.closeAttribute(from: start, in: &writer, padding: padding)
        }
        Self.setLength(of: &writer, adding: 0)
        return writer.bytes
    }

    /// Appends type and a length to be filled in; returns where the value starts.
    private static func openAttribute(_ type: UInt16, in writer: inout ByteWriter) -> Int {
        writer.write(type)
        writer.write(UInt16(0))
        return writer.count
    }

    private static func closeAttribute(from start: Int, in writer: inout ByteWriter, padding: UInt8) {
        writer.overwrite(UInt16(clamping: writer.count - start), at: start - 2)
        while writer.count % 4 != 0 { writer.write(padding) }
    }

    private static func setLength(of writer: inout ByteWriter, adding extra: Int) {
        let length = writer.count - headerSize + extra
        precondition(length <= Int(UInt16.max), "a STUN message longer than its length field")
        writer.overwrite(UInt16(length), at: 2)
    }
}
