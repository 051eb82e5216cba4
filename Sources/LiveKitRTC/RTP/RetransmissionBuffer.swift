package import LiveKitCore

/// The last packets of one stream, in one block of memory that never grows.
///
/// ``RetransmissionHistory`` decides who gets a packet again; this only keeps the bytes. Lookups are by sequence
/// number; a packet leaves when one a whole buffer later takes its slot.
package struct RetransmissionBuffer: ~Copyable {
    private var slab: [UInt8]
    private var sequenceNumbers: [SequenceNumber]
    /// Zero marks a slot that holds nothing.
    private var sizes: [UInt16]
    private let mask: Int
    private let packetSize: Int
    private var newest: SequenceNumber?
    /// Packets that were too large to keep.
    package private(set) var oversizeCount: UInt64 = 0

    /// `capacity` is rounded up to a power of two, so that slots follow one another across the numbers' wrap.
    package init(
        capacity: Int = RTPLimits.retransmissionPacketsVideo, packetSize: Int = RTPLimits.packetSize
    ) {
        let size = Self.slotCount(for: capacity)
        slab = Array(repeating: 0, count: size * packetSize)
        sequenceNumbers = Array(repeating: SequenceNumber(rawValue: 0), count: size)
        sizes = Array(repeating: 0, count: size)
        mask = size - 1
        self.packetSize = packetSize
    }

    static func slotCount(for capacity: Int) -> Int {
        var size = 1
        while size < min(capacity, 32_768) { size *= 2 }
        return size
    }

    /// Keeps a copy of a packet. Returns `false` for one that is empty or larger than a slot.
    @discardableResult
    package mutating func store(_ packet: RawSpan, sequenceNumber: SequenceNumber) -> Bool {
        let size = packet.byteCount
        guard size > 0, size <= packetSize else {
            oversizeCount += 1
            return false
        }
        let index = Int(sequenceNumber.rawValue) & mask
        let offset = index * packetSize
        var span = slab.mutableSpan
        var bytes = unsafe span.mutableBytes
        bytes.store(packet, at: offset)
        sequenceNumbers[index] = sequenceNumber
        sizes[index] = UInt16(truncatingIfNeeded: size)
        if newest.map({ sequenceNumber.isNewer(than: $0) }) ?? true { newest = sequenceNumber }
        return true
    }

    /// Calls `body` with the packet's bytes, or returns `nil` when it is gone.
    package func withPacket<Result>(_ sequenceNumber: SequenceNumber, _ body: (RawSpan) -> Result) -> Result? {
        let index = Int(sequenceNumber.rawValue) & mask
        guard sizes[index] > 0, sequenceNumbers[index] == sequenceNumber, let newest,
            (0...mask).contains(sequenceNumber.distance(to: newest))
        else { return nil }
        return body(slab.rawSpan.clamped(offset: index * packetSize, size: Int(sizes[index])))
    }

    /// Forgets all packets, as after a restart of the stream.
    package mutating func removeAll() {
        for index in sizes.indices { sizes[index] = 0 }
        newest = nil
    }
}
