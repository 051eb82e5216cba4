/// A wall-clock instant as RTCP writes it: seconds since 1900 in 32.32 fixed point.
///
/// - SeeAlso: [RFC 3550 §4](https://www.rfc-editor.org/rfc/rfc3550#section-4).
public struct NTPTimestamp: RawRepresentable, Hashable, Sendable {
    /// Seconds in the upper half, fractions of 2⁻³² s in the lower.
    public var rawValue: UInt64

    /// Seconds between the start of 1900 and the start of 1970.
    private static let unixEpoch: Int64 = 2_208_988_800

    /// Wraps the 64 bits.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The instant `nanoseconds` after the start of 1970, UTC.
    public init(unixNanoseconds nanoseconds: Int64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let borrow: Int64 = rest < 0 ? 1 : 0
        let whole = UInt64(bitPattern: seconds &- borrow &+ Self.unixEpoch)
        let fraction = UInt64(bitPattern: rest &+ borrow &* 1_000_000_000)
        rawValue = whole << 32 | (fraction << 32) / 1_000_000_000
    }

    /// Nanoseconds since the start of 1970, UTC; wraps outside 1900...2036 as the format does.
    public var unixNanoseconds: Int64 {
        let seconds = Int64(rawValue >> 32) &- Self.unixEpoch
        return seconds &* 1_000_000_000 &+ Int64(((rawValue & 0xFFFF_FFFF) &* 1_000_000_000) >> 32)
    }

    /// The middle 32 bits, as the LSR field of a report block carries them: 16.16 fixed point seconds.
    public var compact: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }
}
