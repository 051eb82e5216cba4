/// Cuts a byte stream into STUN messages and ChannelData (RFC 8656 §12.5): what TURN is over TCP and TLS.
///
/// A stream that is neither cannot be brought back into step: ``next()`` throws, and the connection is to be closed.
/// Memory is bounded by one frame, which the length field limits, and what is appended at once.
public struct TURNStreamSplitter: Sendable {
    /// The longest frame: a STUN header and the greatest length.
    static let maximumFrame = STUNMessage.headerSize + Int(UInt16.max)

    private var buffer: [UInt8] = []
    private var start = 0

    /// A splitter at the stream's beginning.
    public init() {}

    /// Bytes that are not yet a whole frame.
    public var pendingBytes: Int { buffer.count - start }

    /// Adds what has arrived.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.maximumFrame)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, with its padding; `nil` until more has arrived.
    ///
    /// - Returns: One STUN message or one ChannelData message.
    /// - Throws: ``WireError`` when the stream is not TURN.
    public mutating func next() throws(WireError) -> [UInt8]? {
        guard let length = try frameLength(), pendingBytes >= length else {
            compact()
            return nil
        }
        defer { start += length }
        return Array(buffer[start..<start + length])
    }

    private func frameLength() throws(WireError) -> Int? {
        guard pendingBytes >= 4 else {
            if pendingBytes > 0, buffer[start] > 0x4F { throw .invalid(.type) }
            return nil
        }
        let length = Int(buffer[start + 2]) << 8 | Int(buffer[start + 3])
        switch buffer[start] {
        case 0x00...0x3F:
            guard length % 4 == 0 else { throw .invalid(.length) }
            return STUNMessage.headerSize + length
        case 0x40...0x4F:
            return (ChannelData.headerSize + length + 3) & ~3
        default:
            throw .invalid(.type)
        }
    }

    /// Drops what was handed out. Once for each burst, so that a byte is moved once.
    private mutating func compact() {
        guard start > 0 else { return }
        buffer.removeSubrange(..<start)
        start = 0
    }
}
