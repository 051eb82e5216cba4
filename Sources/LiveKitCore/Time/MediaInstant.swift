/// A point on the connection's monotonic timeline, in whole nanoseconds since an arbitrary start.
///
/// Protocol code never asks for the time; it is told. The only place that reads a clock is the event
/// loop (`MediaLoop`), which is why a test can run thirty simulated seconds in a millisecond.
package struct MediaInstant: Comparable, Hashable, Sendable {
    package private(set) var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static let start = MediaInstant(nanoseconds: 0)

    package static func + (instant: Self, duration: MediaDuration) -> Self {
        Self(nanoseconds: instant.nanoseconds &+ duration.nanoseconds)
    }

    package static func - (instant: Self, duration: MediaDuration) -> Self {
        Self(nanoseconds: instant.nanoseconds &- duration.nanoseconds)
    }

    package static func - (later: Self, earlier: Self) -> MediaDuration {
        MediaDuration(nanoseconds: later.nanoseconds &- earlier.nanoseconds)
    }

    package static func < (earlier: Self, later: Self) -> Bool {
        earlier.nanoseconds < later.nanoseconds
    }

    /// The earlier of two deadlines, where `nil` means "nothing to wait for".
    package static func earliest(_ left: Self?, _ right: Self?) -> Self? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
