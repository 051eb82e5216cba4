package import LiveKitCore

/// Notices that no feedback comes any more while packets leave: then nothing says that any of them arrives.
///
/// After three seconds the rate falls by a fifth each second; a round trip of half a minute that still brings
/// feedback, late as it is, is treated in the same way by its age.
package struct FeedbackWatch: Sendable {
    private static let patience: MediaDuration = .seconds(3)
    private static let interval: MediaDuration = .seconds(1)
    private static let factor = 0.8

    /// The first packet after the newest feedback.
    private var waitingSince: MediaInstant?
    private var lastSentAt: MediaInstant?
    private var reducedAt: MediaInstant?

    package init() {}

    package mutating func noteSent(now: MediaInstant) {
        waitingSince = waitingSince ?? now
        lastSentAt = now
    }

    /// Feedback came, about a packet that was sent then.
    package mutating func noteFeedback(newest sentAt: MediaInstant, now: MediaInstant) {
        guard now - sentAt < Self.patience else { return }
        waitingSince = nil
        reducedAt = nil
    }

    /// When ``reduction(now:)`` will have something to say.
    package var deadline: MediaInstant? {
        guard let waitingSince, let lastSentAt else { return nil }
        let due = max(waitingSince + Self.patience, reducedAt.map { $0 + Self.interval } ?? .start)
        // Whoever sends nothing needs no rate.
        return lastSentAt + Self.patience < due ? nil : due
    }

    /// By what the rate is to be multiplied now, if it is.
    package mutating func reduction(now: MediaInstant) -> Double? {
        guard let deadline, deadline <= now else { return nil }
        reducedAt = now
        return Self.factor
    }
}
