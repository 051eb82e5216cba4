internal import LiveKitCore

/// Decides whether we may keep sending to the selected pair (RFC 7675), and when to ask again.
///
/// It belongs to one path and one generation, so that after a restart the old pair goes on under its old
/// credentials until the new generation has nominated. A lite agent asks nothing; the peer's own checks stand for
/// consent there (RFC 7675 §4).
struct ICEConsent {
    let path: ICEPath
    let session: ICESession
    /// When the newest answered request was sent, not when its answer came: a late answer must not buy the
    /// peer more time than it granted.
    private(set) var grantedAt: MediaInstant
    /// `nil` for a lite agent.
    private(set) var nextRequestAt: MediaInstant?
    /// Requests that may still be answered, oldest first.
    private var outstanding: [(id: STUNTransactionID, sentAt: MediaInstant)] = []
    /// Whether the other pairs were already set to be checked again in this silence.
    var hasThawed = false
    /// The connection that the path went over is gone.
    var isBroken = false

    /// Begins with the consent that nomination itself proved.
    init(path: ICEPath, session: ICESession, now: MediaInstant, nextRequestAt: MediaInstant?) {
        self.path = path
        self.session = session
        grantedAt = now
        self.nextRequestAt = nextRequestAt
    }

    /// For how long the peer has left us without an answer.
    func unansweredTime(now: MediaInstant) -> MediaDuration {
        guard let oldest = outstanding.first else { return .zero }
        return now - oldest.sentAt
    }

    /// Whether another pair that answers should have the media.
    func isInDoubt(after timeout: MediaDuration, now: MediaInstant) -> Bool {
        isBroken || unansweredTime(now: now) >= timeout
    }

    func isAwaiting(_ id: STUNTransactionID) -> Bool {
        outstanding.contains { $0.id == id }
    }

    mutating func requested(_ id: STUNTransactionID, now: MediaInstant, nextAt: MediaInstant) {
        if outstanding.count >= ICELimits.outstandingConsents { outstanding.removeFirst() }
        outstanding.append((id: id, sentAt: now))
        nextRequestAt = nextAt
    }

    /// Records an authenticated answer.
    ///
    /// - Returns: The round-trip time, or `nil` for an answer to nothing.
    mutating func answered(_ id: STUNTransactionID, now: MediaInstant, nextAt: MediaInstant) -> MediaDuration? {
        guard let index = outstanding.firstIndex(where: { $0.id == id }) else { return nil }
        let sentAt = outstanding[index].sentAt
        outstanding.removeSubrange(...index)
        grantedAt = max(grantedAt, sentAt)
        nextRequestAt = nextAt
        hasThawed = false
        isBroken = false
        return now - sentAt
    }

    /// Records an authenticated check of the peer's over the path, which is all that a lite agent hears.
    mutating func heard(now: MediaInstant) {
        grantedAt = max(grantedAt, now)
    }

    /// Asks at once: there is reason to doubt the path.
    mutating func hurry(now: MediaInstant) {
        if outstanding.isEmpty { nextRequestAt = nextRequestAt.map { min($0, now) } }
    }
}
