extension RTPHeader {
    /// Reads the header of the packet that `bytes` hold from the first to the last.
    public init(parsing bytes: RawSpan) throws(WireError) {
        self.init(try RTPPacketInfo(parsing: bytes), in: bytes)
    }

    /// Reads the header of the packet that `bytes` hold from the first to the last.
    public init(parsing bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.rawSpan)
    }

    init(_ info: RTPPacketInfo, in bytes: RawSpan) {
        self.init(
            payloadType: info.payloadType, marker: info.marker, sequenceNumber: info.sequenceNumber,
            timestamp: info.timestamp, ssrc: info.ssrc)
        paddingSize = UInt8(truncatingIfNeeded: info.paddingSize)
        for index in 0..<Int(info.csrcCount) {
            guard let source = bytes.networkInteger(at: RTPPacketInfo.fixedSize + index * 4, as: UInt32.self) else {
                break
            }
            csrcs.append(SSRC(rawValue: source))
        }
        var cursor = RTPExtensionCursor(
            profile: info.extensionProfile, offset: info.extensionOffset, size: info.extensionLength)
        while let element = cursor.next(in: bytes) {
            let value = bytes.clamped(offset: element.offset, size: element.size)
            extensions.append(Extension(id: element.id, value: [UInt8](copying: value)))
        }
    }

    /// The header's bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout ByteWriter) {
        let sources = csrcs.prefix(15)
        let elements = extensions.filter { $0.id != 0 }
        var first = RTPPacketInfo.version << 6 | UInt8(truncatingIfNeeded: sources.count)
        if paddingSize > 0 { first |= 0x20 }
        if !elements.isEmpty { first |= 0x10 }
        writer.write(first)
        writer.write((marker ? 0x80 : 0) | payloadType & 0x7F)
        writer.write(sequenceNumber.rawValue)
        writer.write(timestamp)
        writer.write(ssrc.rawValue)
        for source in sources { writer.write(source.rawValue) }
        if !elements.isEmpty { Self.write(elements, to: &writer) }
    }

    /// The one-byte form when every element fits it (RFC 8285 §4.2), else the two-byte form (§4.3).
    private static func write(_ elements: [Extension], to writer: inout ByteWriter) {
        let isOneByte = elements.allSatisfy { (1...14).contains($0.id) && (1...16).contains($0.value.count) }
        writer.write(isOneByte ? RTPExtensionCursor.oneByteProfile : RTPExtensionCursor.twoByteProfile)
        let lengthOffset = writer.count
        writer.write(UInt16(0))
        for element in elements {
            let value = element.value.prefix(255)
            let size = UInt8(truncatingIfNeeded: value.count)
            if isOneByte {
                writer.write(element.id << 4 | (size &- 1))
            } else {
                writer.write(element.id)
                writer.write(size)
            }
            writer.write(bytes: value)
        }
        let size = writer.count - lengthOffset - 2
        writer.write(zeros: (4 - size % 4) % 4)
        writer.overwrite(UInt16(truncatingIfNeeded: (size + 3) / 4), at: lengthOffset)
    }
}
