package import LiveKitCore

/// The rate of the last second, nearly: what two intervals of a second counted, the older one by the part of it that
/// still lies within the second.
package struct RecentBitrate: Sendable {
    package static let window: MediaDuration = .seconds(1)

    private var start = MediaInstant.start
    private var current = 0
    private var previous = 0

    package init() {}

    package mutating func note(byteCount: Int, now: MediaInstant) {
        advance(now: now)
        current &+= byteCount
    }

    package mutating func rate(now: MediaInstant) -> Bitrate {
        advance(now: now)
        let share = 1 - (now - start).seconds / Self.window.seconds
        let bytes = Double(current) + Double(previous) * min(max(share, 0), 1)
        return Bitrate(bytes * 8 / Self.window.seconds)
    }

    private mutating func advance(now: MediaInstant) {
        let elapsed = now - start
        guard elapsed >= Self.window else { return }
        previous = elapsed < Self.window * 2 ? current : 0
        current = 0
        start = elapsed < Self.window * 2 ? start + Self.window : now
    }
}
