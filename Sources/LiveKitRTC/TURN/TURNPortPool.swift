internal import LiveKitCore

/// The ports that relays are opened on. Every port is either free or taken: nothing else is kept, so nothing leaks.
struct TURNPortPool {
    private static let absent = -1

    private let first: UInt16
    private var free: [UInt16]
    /// Where each port stands in `free`.
    private var positions: [Int]

    init(_ ports: ClosedRange<UInt16>) {
        first = ports.lowerBound
        free = Array(ports)
        positions = Array(free.indices)
    }

    var freeCount: Int { free.count }
    var totalCount: Int { positions.count }

    func isFree(_ port: UInt16) -> Bool {
        guard let index = index(of: port) else { return false }
        return positions[index] != Self.absent
    }

    /// Takes a random port, so that strangers cannot guess it (RFC 8656 §7.2).
    mutating func takeAny(using random: inout DeterministicRandom) -> UInt16? {
        guard !free.isEmpty else { return nil }
        let port = free[Int.random(in: free.indices, using: &random)]
        remove(port)
        return port
    }

    /// Takes an even port, and with `andNext` the one above it too.
    mutating func takeEven(andNext: Bool, using random: inout DeterministicRandom) -> UInt16? {
        guard !free.isEmpty else { return nil }
        let start = Int.random(in: free.indices, using: &random)
        for offset in free.indices {
            let port = free[(start + offset) % free.count]
            guard port % 2 == 0, !andNext || isFree(port &+ 1) else { continue }
            remove(port)
            if andNext { remove(port &+ 1) }
            return port
        }
        return nil
    }

    /// Gives a port back. Giving back a free one changes nothing.
    mutating func release(_ port: UInt16) {
        guard let index = index(of: port), positions[index] == Self.absent else { return }
        positions[index] = free.count
        free.append(port)
    }

    private mutating func remove(_ port: UInt16) {
        guard let index = index(of: port), positions[index] != Self.absent, let last = free.last else { return }
        let position = positions[index]
        free[position] = last
        positions[Int(last - first)] = position
        free.removeLast()
        positions[index] = Self.absent
    }

    private func index(of port: UInt16) -> Int? {
        guard port >= first, Int(port - first) < positions.count else { return nil }
        return Int(port - first)
    }
}
