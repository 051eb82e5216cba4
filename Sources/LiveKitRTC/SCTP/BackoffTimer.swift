internal import LiveKitCore

/// A retransmission timer: when it expires, and how often it did since the last answer.
struct BackoffTimer {
    private(set) var deadline: MediaInstant?
    private(set) var expirations = 0

    var isRunning: Bool { deadline != nil }

    mutating func start(now: MediaInstant, timeout: RetransmissionTimeout) {
        expirations = 0
        deadline = now + timeout.value
    }

    mutating func stop() {
        expirations = 0
        deadline = nil
    }

    /// Whether the timer expired by `now`; if so it runs again, for twice as long.
    mutating func expire(now: MediaInstant, timeout: RetransmissionTimeout) -> Bool {
        guard let deadline, now >= deadline else { return false }
        expirations += 1
        self.deadline = now + timeout.backedOff(expirations)
        return true
    }
}
