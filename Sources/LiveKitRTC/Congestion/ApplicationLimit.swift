package import LiveKitCore

/// Tells whether the sender has less to send than it may: then neither growth nor the acknowledged bitrate says what
/// the path could carry.
///
/// A budget fills at 65 % of the estimate and is emptied by what is sent; a full one means that little was sent.
package struct ApplicationLimit: Sendable {
    private static let share = 0.65
    private static let window: MediaDuration = .milliseconds(500)
    private static let startRatio = 0.8
    private static let endRatio = 0.5

    /// Since when the sender has been limited by itself; `nil` while the path limits it.
    package private(set) var limitedSince: MediaInstant?
    /// When it last ceased to be.
    package private(set) var endedAt: MediaInstant?

    private var budget = 0
    private var updatedAt: MediaInstant?

    package init() {}

    package var isLimited: Bool { limitedSince != nil }

    package mutating func noteSent(byteCount: Int, estimate: Bitrate, now: MediaInstant) {
        let rate = estimate * Self.share
        let full = rate.byteCount(in: Self.window)
        let elapsed = min(max(now - (updatedAt ?? now), .zero), Self.window)
        updatedAt = now
        budget = min(budget + rate.byteCount(in: elapsed), full)
        budget = max(budget - byteCount, 0 - full)
        let ratio = full > 0 ? Double(budget) / Double(full) : 0
        if ratio > Self.startRatio, limitedSince == nil {
            limitedSince = now
        } else if ratio < Self.endRatio, limitedSince != nil {
            limitedSince = nil
            endedAt = now
        }
    }
}
