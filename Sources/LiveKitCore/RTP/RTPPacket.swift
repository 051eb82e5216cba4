/// A whole RTP packet as a value: header and payload, without the padding.
///
/// For building packets, tools and tests; the packet path reads ``RTPPacketInfo`` and rewrites in place.
public struct RTPPacket: Hashable, Sendable {
    /// The header; its padding size tells how much padding the packet has.
    public var header: RTPHeader
    /// The payload without padding.
    public var payload: [UInt8]

    /// Creates a packet.
    public init(header: RTPHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
    }

    /// Reads the packet that `bytes` hold from the first to the last.
    public init(parsing bytes: RawSpan) throws(WireError) {
        let info = try RTPPacketInfo(parsing: bytes)
        header = RTPHeader(info, in: bytes)
        payload = [UInt8](copying: bytes.clamped(offset: info.payloadOffset, size: info.payloadSize))
    }

    /// Reads the packet that `bytes` hold from the first to the last.
    public init(parsing bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.rawSpan)
    }

    /// The packet's bytes, padding included.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + payload.count)
        header.write(to: &writer)
        writer.write(bytes: payload)
        if header.paddingSize > 0 {
            writer.write(zeros: Int(header.paddingSize) - 1)
            writer.write(header.paddingSize)
        }
        return writer.bytes
    }
}
