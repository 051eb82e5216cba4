internal import LiveKitCore

/// A packet that waits for its turn: not its bytes, only what its owner finds them by.
package struct PacedPacket: Hashable, Sendable {
    package var handle: Int
    package var kind: PacketClass
    /// About what it will take of the path, headers included.
    package var byteCount: Int

    package init(handle: Int, kind: PacketClass, byteCount: Int) {
        self.handle = handle
        self.kind = kind
        self.byteCount = byteCount
    }
}

/// Packets of one class in the order they came: a flat ring that refuses what does not fit.
struct PacedQueue: Sendable {
    private struct Entry: Sendable {
        var packet: PacedPacket
        var queuedAt: MediaInstant
    }

    private static let vacant = Entry(
        packet: PacedPacket(handle: 0, kind: .padding, byteCount: 0), queuedAt: .start)

    private var entries: [Entry]
    private var head = 0
    private(set) var count = 0
    private(set) var byteCount = 0
    /// The sum of the times at which the entries came, in microseconds: their mean age is one subtraction away.
    private(set) var queuedMicroseconds: Int64 = 0

    /// - Parameter capacity: a power of two.
    init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "the ring indexes by mask")
        entries = Array(repeating: Self.vacant, count: capacity)
    }

    var isEmpty: Bool { count == 0 }
    var oldest: MediaInstant? { count > 0 ? entries[head].queuedAt : nil }
    var firstByteCount: Int { count > 0 ? entries[head].packet.byteCount : 0 }

    mutating func append(_ packet: PacedPacket, now: MediaInstant) -> Bool {
        guard count < entries.count else { return false }
        entries[(head + count) & (entries.count - 1)] = Entry(packet: packet, queuedAt: now)
        count += 1
        byteCount += packet.byteCount
        queuedMicroseconds &+= now.nanoseconds / 1000
        return true
    }

    mutating func removeFirst() -> PacedPacket? {
        guard count > 0 else { return nil }
        let entry = entries[head]
        head = (head + 1) & (entries.count - 1)
        count -= 1
        byteCount -= entry.packet.byteCount
        queuedMicroseconds &-= entry.queuedAt.nanoseconds / 1000
        return entry.packet
    }

    mutating func removeAll() {
        (head, count, byteCount, queuedMicroseconds) = (0, 0, 0, 0)
    }
}
