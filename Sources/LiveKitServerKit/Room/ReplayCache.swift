internal import LiveKitCore

/// A numbered reliable packet as it was sent.
struct SentPacket: Sendable {
    var sender: ParticipantSID
    var sequence: UInt32
    /// Whom it was for; `nil` for everybody else.
    var receivers: [ParticipantSID]?
    var bytes: [UInt8]
    var at: MediaInstant
}

/// The newest reliable packets of a room: whoever comes back says what it has had, and gets the rest.
///
/// Bounded in bytes and in time, both LiveKit's; the oldest fall out.
struct ReplayCache: Sendable {
    private var packets: [SentPacket] = []
    /// The packets before it have fallen out.
    private var first = 0
    private var bytes = 0

    static let maximumBytes = 100_000
    static let lifetime = MediaDuration.seconds(2)
    /// Fallen packets that stay in memory before they are cleared away together.
    private static let slack = 256

    /// How many packets are held.
    var count: Int { packets.count - first }

    mutating func insert(_ packet: SentPacket) {
        guard packet.bytes.count <= Self.maximumBytes else { return }
        packets.append(packet)
        bytes += packet.bytes.count
        prune(now: packet.at)
    }

    /// Lets go of what is too old, or too much.
    mutating func prune(now: MediaInstant) {
        while first < packets.count, bytes > Self.maximumBytes || now - packets[first].at > Self.lifetime {
            bytes -= packets[first].bytes.count
            packets[first].bytes = []
            packets[first].receivers = nil
            first += 1
        }
        if first == packets.count {
            packets = []
            first = 0
        }
        guard first > Self.slack, first * 2 > packets.count else { return }
        packets.removeFirst(first)
        first = 0
    }

    /// What was sent to `receiver` after the last number that it had of each sender.
    mutating func missed(
        by receiver: ParticipantSID, after last: [ParticipantSID: UInt32], now: MediaInstant
    ) -> [[UInt8]] {
        prune(now: now)
        return packets[first...].compactMap { packet in
            guard let had = last[packet.sender], packet.sequence > had, packet.sender != receiver,
                packet.receivers?.contains(receiver) ?? true
            else { return nil }
            return packet.bytes
        }
    }
}
