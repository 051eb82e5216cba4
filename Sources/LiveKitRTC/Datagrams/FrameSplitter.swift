/// Cuts a byte stream into the datagrams that it carries: each behind its length in two bytes (RFC 4571 §2), as
/// ICE over TCP has them.
///
/// ```
///   0                   1
///   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///  +-------------------------------+---------------- - -
///  |            LENGTH             |  STUN, DTLS, SRTP …
///  +-------------------------------+---------------- - -
/// ```
package struct FrameSplitter: Sendable {
    /// A frame longer than the connection may have. There is no way to find the next one but to trust the length,
    /// so the connection is to be closed.
    package struct FrameTooLong: Error, Hashable {}

    package static let headerSize = 2
    /// Senders keep to a datagram's size, some to 8 KiB. It also bounds what one connection makes us remember.
    package static let largestFrame = 8192

    /// The beginning of a frame whose end has not come.
    private var pending: [UInt8] = []

    package init() {}

    /// Bytes held back.
    package var pendingCount: Int { pending.count }

    /// Takes the next bytes of the stream and passes on each frame that is whole now, in memory that it may change.
    /// Empty frames are keepalives and are read over.
    package mutating func split(
        _ bytes: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(FrameTooLong) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            // The common case is a frame that came whole, behind others that did.
            if pending.isEmpty, rest.count >= Self.headerSize {
                let length = try unsafe Self.length(rest[0], rest[1])
                let end = Self.headerSize + length
                if end <= rest.count {
                    if length > 0 { unsafe body(.init(rebasing: rest[Self.headerSize..<end])) }
                    unsafe rest = .init(rebasing: rest[end...])
                    continue
                }
            }
            let missing = try missingCount()
            let taken = min(missing, rest.count)
            unsafe pending.append(contentsOf: rest.prefix(taken))
            unsafe rest = .init(rebasing: rest[taken...])
            try unsafe flush(body)
        }
    }

    /// How many bytes the header lacks, or else the frame.
    private func missingCount() throws(FrameTooLong) -> Int {
        guard pending.count >= Self.headerSize else { return Self.headerSize - pending.count }
        return Self.headerSize + (try Self.length(pending[0], pending[1])) - pending.count
    }

    private mutating func flush(_ body: (UnsafeMutableRawBufferPointer) -> Void) throws(FrameTooLong) {
        guard pending.count >= Self.headerSize, try missingCount() == 0 else { return }
        unsafe pending.withUnsafeMutableBytes { frame in
            if frame.count > Self.headerSize { unsafe body(.init(rebasing: frame[Self.headerSize...])) }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private static func length(_ high: UInt8, _ low: UInt8) throws(FrameTooLong) -> Int {
        let length = Int(high) << 8 | Int(low)
        guard length <= largestFrame else { throw FrameTooLong() }
        return length
    }
}
