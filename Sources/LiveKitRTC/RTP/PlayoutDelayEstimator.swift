package import LiveKitCore

/// How long audio packets must wait so that nearly all come before their turn.
///
/// Each packet's lateness is its travel time above the least one of the last 10 to 20 s. The delay follows a late
/// packet at once and comes down slowly, about an eighth of the way each second of 20 ms packets.
package struct PlayoutDelayEstimator: Sendable {
    private static let window: MediaDuration = .seconds(10)
    /// A travel time this far from the least one is a new timeline, not jitter.
    private static let jump: MediaDuration = .seconds(2)

    private let range: ClosedRange<MediaDuration>
    /// The least travel time of this window and of the one before; two, so that a minimum is never forgotten at once.
    private var least: MediaDuration?
    private var leastBefore: MediaDuration?
    private var windowStart: MediaInstant?
    private var peak: MediaDuration = .zero

    package init(range: ClosedRange<MediaDuration>) {
        self.range = range
    }

    /// The least travel time, on an arbitrary scale.
    package var base: MediaDuration {
        guard let least else { return leastBefore ?? .zero }
        return min(least, leastBefore ?? least)
    }

    /// What to wait beyond the fastest packet's travel time.
    package var delay: MediaDuration { min(max(peak, range.lowerBound), range.upperBound) }

    /// Notes a packet's travel time: its arrival minus its timestamp, on an arbitrary but constant scale.
    package mutating func observe(transit: MediaDuration, now: MediaInstant) {
        if least != nil || leastBefore != nil, transit > base + Self.jump || transit < base - Self.jump {
            (least, leastBefore, windowStart) = (nil, nil, nil)
        }
        let start = windowStart ?? now
        windowStart = start
        if now - start >= Self.window {
            (leastBefore, least, windowStart) = (least, nil, now)
        }
        least = min(least ?? transit, transit)
        let lateness = transit - base
        // A quarter more than the latest packet seen, so that one like it is in time.
        let wanted = lateness + lateness / 4
        peak = wanted > peak ? min(wanted, range.upperBound) : peak - (peak - wanted) / 400
    }
}
