internal import LiveKitRTC

/// Datagrams that wait to be written to a stream, each behind its length (RFC 4571).
struct OutgoingFrames {
    private var bytes: [UInt8] = []
    private var written = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { bytes.count - written }
    var isEmpty: Bool { count == 0 }

    /// - Returns: Whether there was room; nothing of a frame is kept otherwise.
    mutating func append(_ datagram: UnsafeRawBufferPointer) -> Bool {
        guard datagram.count <= Int(UInt16.max), count + FrameSplitter.headerSize + datagram.count <= limit else {
            return false
        }
        if written > 0, bytes.count + FrameSplitter.headerSize + datagram.count > limit { compact() }
        bytes.append(UInt8(truncatingIfNeeded: datagram.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: datagram.count))
        unsafe bytes.append(contentsOf: datagram)
        return true
    }

    /// Queues bytes of a stream that has frames of its own.
    ///
    /// - Returns: Whether there was room; nothing is kept otherwise.
    mutating func append(unframed bytes: UnsafeRawBufferPointer) -> Bool {
        guard count + bytes.count <= limit else { return false }
        if written > 0, self.bytes.count + bytes.count > limit { compact() }
        unsafe self.bytes.append(contentsOf: bytes)
        return true
    }

    /// How many bytes may be queued.
    var room: Int { limit - count }

    /// Hands what waits to `write`, which says how much it took.
    mutating func write(_ write: (UnsafeRawBufferPointer) -> Int) {
        let taken = unsafe bytes.withUnsafeBytes { unsafe write(.init(rebasing: $0[written...])) }
        written = min(written + max(taken, 0), bytes.count)
        if written == bytes.count { removeAll() }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.count <= 16 * 1024)
        written = 0
    }

    private mutating func compact() {
        bytes.removeSubrange(..<written)
        written = 0
    }
}
