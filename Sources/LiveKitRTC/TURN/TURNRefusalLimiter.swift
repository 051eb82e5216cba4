internal import LiveKitCore

/// Bounds how often an address that has proven nothing is answered, in memory that does not grow with the number of
/// addresses: addresses share slots, by a hash that outsiders cannot predict.
struct TURNRefusalLimiter {
    private static let interval = MediaDuration(nanoseconds: 1_000_000_000 / TURNLimits.refusalsPerSecond)

    private let key: UInt64
    /// For each slot, when its bucket is full again.
    private var fullAt: [Int64]

    init(key: UInt64) {
        self.key = key
        fullAt = Array(repeating: .min / 2, count: TURNLimits.refusalSlots)
    }

    /// Takes one refusal for the address, if there is one left.
    mutating func take(for address: TransportAddress, now: MediaInstant) -> Bool {
        let slot = slot(of: address)
        let depth = Self.interval.nanoseconds * (TURNLimits.refusalsPerSecond - 1)
        guard fullAt[slot] <= now.nanoseconds &+ depth else { return false }
        fullAt[slot] = max(fullAt[slot], now.nanoseconds) &+ Self.interval.nanoseconds
        return true
    }

    /// An IPv6 subscriber has at least a /64.
    private func slot(of address: TransportAddress) -> Int {
        let bits = address.family == .ipv4 ? address.low : address.high
        var random = DeterministicRandom(seed: bits ^ key)
        return Int(random.next() % UInt64(fullAt.count))
    }
}
