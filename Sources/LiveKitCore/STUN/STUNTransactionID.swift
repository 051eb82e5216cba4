/// The 96-bit number that pairs a STUN response with its request (RFC 8489 §5).
public struct STUNTransactionID: Hashable, Sendable {
    /// The first four bytes.
    public let high: UInt32
    /// The last eight bytes.
    public let low: UInt64

    /// A transaction id from its two parts in network order.
    public init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A fresh id. RFC 8489 §6 asks for numbers that an attacker off the path cannot guess, so the
    /// generator must have been seeded from the caller's cryptographic source.
    public init(using random: inout some RandomNumberGenerator) {
        high = UInt32(truncatingIfNeeded: random.next())
        low = random.next()
    }
}
