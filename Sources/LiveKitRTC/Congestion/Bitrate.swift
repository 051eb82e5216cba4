package import LiveKitCore

/// A rate in bits each second. Never negative; arithmetic stops at ``unlimited`` instead of overflowing.
package struct Bitrate: Comparable, Hashable, Sendable {
    package let bitsPerSecond: Int64

    package static let zero = Self(bitsPerSecond: 0)
    /// More than any path: a terabit each second.
    package static let unlimited = Self(bitsPerSecond: .max)

    private static let maximum: Int64 = 1_000_000_000_000

    package init(bitsPerSecond: Int64) {
        self.bitsPerSecond = min(max(bitsPerSecond, 0), Self.maximum)
    }

    /// Takes the whole bits of a computed rate; what is no number becomes zero.
    package init(_ bitsPerSecond: Double) {
        let whole = bitsPerSecond.isNaN ? 0 : min(max(bitsPerSecond, 0), Double(Self.maximum))
        self.init(bitsPerSecond: Int64(whole))
    }

    /// What carries that many bytes in that time; `nil` for no time.
    package init?(byteCount: Int, over duration: MediaDuration) {
        guard duration > .zero else { return nil }
        self.init(Double(byteCount) * 8 / duration.seconds)
    }

    package static func kilobits(_ count: Int64) -> Self {
        Self(bitsPerSecond: min(max(count, 0), maximum / 1000) * 1000)
    }

    package var kilobits: Int64 { bitsPerSecond / 1000 }

    /// What goes through in that time.
    package func byteCount(in duration: MediaDuration) -> Int {
        Int(min(max(Double(bitsPerSecond) * duration.seconds / 8, 0), 1e15))
    }

    /// How long that many bytes take; an hour at most, which stands for "never".
    package func duration(of byteCount: Int) -> MediaDuration {
        guard bitsPerSecond > 0 else { return .seconds(3600) }
        let seconds = min(Double(max(byteCount, 0)) * 8 / Double(bitsPerSecond), 3600)
        return MediaDuration(nanoseconds: Int64(seconds * 1e9))
    }

    package static func + (left: Self, right: Self) -> Self {
        Self(bitsPerSecond: left.bitsPerSecond + right.bitsPerSecond)
    }

    package static func - (left: Self, right: Self) -> Self {
        Self(bitsPerSecond: left.bitsPerSecond - right.bitsPerSecond)
    }

    package static func * (rate: Self, factor: Double) -> Self {
        Self(Double(rate.bitsPerSecond) * factor)
    }

    /// How many times the other rate this one is; zero for a rate of zero.
    package static func / (left: Self, right: Self) -> Double {
        right.bitsPerSecond == 0 ? 0 : Double(left.bitsPerSecond) / Double(right.bitsPerSecond)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.bitsPerSecond < right.bitsPerSecond
    }
}
