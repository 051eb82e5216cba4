internal import LiveKitCore
internal import LiveKitRTC

/// What one layer of a track takes of a path, measured where it comes in and smoothed over a few seconds, so that a key
/// frame does not look like a busier picture.
struct LayerBitrate {
    /// Of each new measurement, a few in each second.
    private static let weight = 0.25

    /// `nil` until the layer has sent for a second. What it took is still the best guess when it goes on after a pause.
    private(set) var current: Bitrate?
    private var recent = RecentBitrate()
    private var startedAt: MediaInstant?
    /// Whether anything came since the last measurement: what stops is not to be remembered as what becomes less.
    private var hasNews = false

    /// A packet came, of so many bytes without its headers.
    mutating func note(payloadSize: Int, now: MediaInstant) {
        startedAt = startedAt ?? now
        hasNews = true
        recent.note(byteCount: payloadSize + BitrateSharing.packetOverhead, now: now)
    }

    /// Measures, to be called in even intervals.
    mutating func sample(isSending: Bool, now: MediaInstant) {
        guard isSending, let startedAt else {
            self.startedAt = nil
            recent = RecentBitrate()
            return
        }
        guard hasNews, now - startedAt >= RecentBitrate.window else { return }
        hasNews = false
        let measured = recent.rate(now: now)
        current = current.map { $0 * (1 - Self.weight) + measured * Self.weight } ?? measured
    }
}
