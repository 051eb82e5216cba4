/// A date in a token: whole seconds since 1970-01-01T00:00:00Z, without leap seconds (RFC 7519 §2).
///
/// Signing and verifying take the present as a value of this type, so that neither reads a clock.
public struct NumericDate: Comparable, Hashable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public let secondsSinceEpoch: Int64

    /// Creates a date from seconds since 1970-01-01T00:00:00Z.
    public init(secondsSinceEpoch: Int64) {
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    /// The date so many seconds later, or earlier for a negative number; it stops at the ends of `Int64`.
    public func advanced(bySeconds seconds: Int64) -> NumericDate {
        let (sum, overflow) = secondsSinceEpoch.addingReportingOverflow(seconds)
        return NumericDate(secondsSinceEpoch: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// Whether the left date is before the right one.
    public static func < (earlier: NumericDate, later: NumericDate) -> Bool {
        earlier.secondsSinceEpoch < later.secondsSinceEpoch
    }
}
