internal import LiveKitCore

/// Spaces checks by Ta (RFC 8445 §6.1.4.2) after a small burst, so that a join of one or two pairs waits for
/// nothing and a hundred pairs do not become a flood.
struct ICEPacer {
    private let interval: MediaDuration
    private let burst: Int64
    /// When the bucket would be full again, less its depth: sending is allowed from here on.
    private var allowedAt = MediaInstant(nanoseconds: .min / 2)

    init(interval: MediaDuration, burst: Int) {
        self.interval = interval
        self.burst = Int64(max(burst, 1))
    }

    /// When the next check may go.
    var deadline: MediaInstant { allowedAt }

    /// Takes one slot if there is one.
    mutating func take(now: MediaInstant) -> Bool {
        guard allowedAt <= now else { return false }
        allowedAt = max(allowedAt, now - interval * (burst - 1)) + interval
        return true
    }
}
