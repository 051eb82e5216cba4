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

    /// Takes the next bytes of the stream and passes on each frame that is whole now, in memory that it may change.
    ///
    /// - Throws: ``WireError`` when the stream is not TURN.
    package mutating func split(
        _ bytes: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(WireError) {
        var rest = unsafe bytes
        // The common case is a frame that came whole, behind others that did.
        if pendingBytes == 0 {
            while let length = try unsafe Self.frameLength(UnsafeRawBufferPointer(rest)), rest.count >= length {
                unsafe body(UnsafeMutableRawBufferPointer(rebasing: rest[..<length]))
                unsafe rest = UnsafeMutableRawBufferPointer(rebasing: rest[length...])
            }
            guard unsafe !rest.isEmpty else { return }
        }
        unsafe append(rest)
        while let length = try frameLength(), pendingBytes >= length {
            let frame = start..<start + length
            unsafe buffer.withUnsafeMutableBytes { unsafe body(UnsafeMutableRawBufferPointer(rebasing: $0[frame])) }
            start += length
        }
        compact()
    }

    private func frameLength() throws(WireError) -> Int? {
        guard pendingBytes > 0 else { return nil }
        let field = pendingBytes > 3 ? (buffer[start + 2], buffer[start + 3]) : nil
        return try Self.frameLength(type: buffer[start], field)
    }

    private static func frameLength(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Int? {
        guard let type = unsafe bytes.first else { return nil }
        return try unsafe frameLength(type: type, bytes.count > 3 ? (bytes[2], bytes[3]) : nil)
    }

    /// The length of the frame that begins with that byte; `nil` until its length field is here.
    private static func frameLength(type: UInt8, _ field: (UInt8, UInt8)?) throws(WireError) -> Int? {
        guard type <= 0x7F else { throw .invalid(.type) }
        guard let field else { return nil }
        let length = Int(field.0) << 8 | Int(field.1)
        guard type <= 0x3F else { return (ChannelData.headerSize + length + 3) & ~3 }
        guard length % 4 == 0 else { throw .invalid(.length) }
        return STUNMessage.headerSize + length
    }

    /// Drops what was handed out. Once for each burst, so that a byte is moved once.
    private mutating func compact() {
        guard start > 0 else { return }
        buffer.removeSubrange(..<start)
        start = 0
    }
}
