package import LiveKitCore

/// What became of datagrams, counted, and the last of it in order: what to print for a seed that fails.
package struct NetworkTrace: Sendable, CustomStringConvertible {
    /// What can become of a datagram.
    package enum Fate: Int, Hashable, Sendable, CaseIterable {
        case sent, delivered, duplicated, reordered, lost, queueFull, tooLarge, outage, filtered, unroutable

        /// Whether it is the end of the datagram.
        package var isDrop: Bool {
            switch self {
            case .sent, .delivered, .duplicated, .reordered: false
            case .lost, .queueFull, .tooLarge, .outage, .filtered, .unroutable: true
            }
        }
    }

    package struct Entry: Sendable {
        package let at: MediaInstant
        package let fate: Fate
        package let source: TransportAddress
        package let destination: TransportAddress
        package let size: Int
        /// The first byte, which tells STUN, DTLS and RTP apart (RFC 7983).
        package let firstByte: UInt8
    }

    private var tallies = [Int](repeating: 0, count: Fate.allCases.count)
    /// IP fragments that the datagrams over the MTU would have become.
    package private(set) var fragments = 0
    /// Bytes of UDP payload delivered.
    package private(set) var deliveredBytes = 0
    /// The largest UDP payload that was sent.
    package private(set) var largestPayload = 0
    private var ring: [Entry] = []
    private var next = 0
    private let capacity: Int

    package init(capacity: Int = 64) {
        self.capacity = capacity
        ring.reserveCapacity(capacity)
    }

    package func count(_ fate: Fate) -> Int { tallies[fate.rawValue] }

    /// Everything that did not arrive, for whatever reason.
    package var dropped: Int { Fate.allCases.filter(\.isDrop).reduce(0) { $0 + count($1) } }

    /// The newest entries, oldest first.
    package var entries: [Entry] { Array(ring[next...] + ring[..<next]) }

    mutating func note(_ fate: Fate, _ datagram: SimulatedDatagram, now: MediaInstant) {
        tallies[fate.rawValue] += 1
        if fate == .delivered { deliveredBytes += datagram.bytes.count }
        if fate == .sent { largestPayload = max(largestPayload, datagram.bytes.count) }
        guard capacity > 0 else { return }
        let entry = Entry(
            at: now, fate: fate, source: datagram.source, destination: datagram.destination,
            size: datagram.bytes.count, firstByte: datagram.bytes.first ?? 0)
        if ring.count < capacity {
            ring.append(entry)
        } else {
            ring[next] = entry
            next = (next + 1) % capacity
        }
    }

    mutating func note(fragments count: Int) {
        fragments += count
    }

    package var description: String {
        let counts = Fate.allCases.filter { count($0) > 0 }.map { "\($0) \(count($0))" }.joined(separator: ", ")
        let lines = entries.map { entry in
            "\(entry.at.nanoseconds / 1000) us \(entry.fate) \(entry.source) > \(entry.destination)"
                + " \(entry.size) bytes, first \(entry.firstByte)"
        }
        return ([counts + ", fragments \(fragments)"] + lines).joined(separator: "\n")
    }
}
