internal import LiveKitCore

/// A ring of payloads by extended sequence number, in one block of memory that never grows.
struct PacketSlab: ~Copyable {
    /// What the jitter buffers need to know of a packet besides its bytes.
    struct Entry {
        var number: Int64
        var timestamp: UInt32
        var marker: Bool
        var size: Int
    }

    private var slab: [UInt8]
    private var entries: [Entry]
    private let mask: Int
    private let slotSize: Int

    /// Marks a slot that holds nothing.
    private static let empty = Int64.min

    /// `capacity` is rounded up to a power of two.
    init(capacity: Int, slotSize: Int) {
        let count = RetransmissionBuffer.slotCount(for: capacity)
        slab = Array(repeating: 0, count: count * slotSize)
        entries = Array(repeating: Entry(number: Self.empty, timestamp: 0, marker: false, size: 0), count: count)
        mask = count - 1
        self.slotSize = slotSize
    }

    var capacity: Int { mask + 1 }

    func entry(_ number: Int64) -> Entry? {
        let entry = entries[Int(truncatingIfNeeded: number) & mask]
        return entry.number == number ? entry : nil
    }

    /// Copies the payload in. `false` for a duplicate and for a payload larger than a slot.
    mutating func insert(_ payload: RawSpan, number: Int64, timestamp: UInt32, marker: Bool) -> Bool {
        let index = Int(truncatingIfNeeded: number) & mask
        guard payload.byteCount <= slotSize, entries[index].number != number else { return false }
        let offset = index * slotSize
        var span = slab.mutableSpan
        var bytes = unsafe span.mutableBytes
        bytes.store(payload, at: offset)
        entries[index] = Entry(number: number, timestamp: timestamp, marker: marker, size: payload.byteCount)
        return true
    }

    mutating func remove(_ number: Int64) {
        let index = Int(truncatingIfNeeded: number) & mask
        if entries[index].number == number { entries[index].number = Self.empty }
    }

    mutating func removeAll() {
        for index in entries.indices { entries[index].number = Self.empty }
    }

    func withPayload<Result>(_ entry: Entry, _ body: (RawSpan) -> Result) -> Result {
        let index = Int(truncatingIfNeeded: entry.number) & mask
        return body(slab.rawSpan.clamped(offset: index * slotSize, size: entry.size))
    }
}
