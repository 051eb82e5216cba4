/// Reliable packets that wait for a participant's data channel to open, up to ``RoomBounds/heldReliableBytes``; the
/// oldest fall out.
struct HeldPackets: Sendable {
    private var packets: [[UInt8]] = []
    /// The packets before it have fallen out.
    private var first = 0
    private(set) var bytes = 0

    /// Fallen packets that stay in memory before they are cleared away together.
    private static let slack = 64

    /// Returns how many fell out.
    mutating func append(_ packet: [UInt8]) -> Int {
        packets.append(packet)
        bytes += packet.count
        let before = first
        while bytes > RoomBounds.heldReliableBytes {
            bytes -= packets[first].count
            packets[first] = []
            first += 1
        }
        let fallen = first - before
        if first > Self.slack, first * 2 > packets.count {
            packets.removeFirst(first)
            first = 0
        }
        return fallen
    }

    mutating func takeAll() -> [[UInt8]] {
        defer { self = HeldPackets() }
        return Array(packets[first...])
    }
}
