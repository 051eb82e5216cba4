/// A length of time in whole nanoseconds: half the size of `Swift.Duration`, and one machine word to add.
package struct MediaDuration: Comparable, Hashable, Sendable {
    package private(set) var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static let zero = Self(nanoseconds: 0)
    package static func seconds(_ count: Int64) -> Self { Self(nanoseconds: count &* 1_000_000_000) }
    package static func milliseconds(_ count: Int64) -> Self { Self(nanoseconds: count &* 1_000_000) }
    package static func microseconds(_ count: Int64) -> Self { Self(nanoseconds: count &* 1000) }

    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
    /// Whole microseconds, rounded towards zero.
    package var microseconds: Int64 { nanoseconds / 1000 }
    /// Seconds as a floating-point number.
    package var seconds: Double { Double(nanoseconds) / 1e9 }

    package static func + (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    package static func - (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }

    package static func * (left: Self, factor: Int64) -> Self {
        Self(nanoseconds: left.nanoseconds &* factor)
    }

    package static func / (left: Self, divisor: Int64) -> Self {
        Self(nanoseconds: divisor == 0 ? 0 : left.nanoseconds / divisor)
    }

    package static func < (shorter: Self, longer: Self) -> Bool {
        shorter.nanoseconds < longer.nanoseconds
    }
}
