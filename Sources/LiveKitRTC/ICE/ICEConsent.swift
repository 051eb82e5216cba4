internal import LiveKitCore

/// Decides whether we may keep sending to the selected pair (RFC 7675), and when to ask again.
///
/// It belongs to one path and one generation, so that after a restart the old pair goes on under its old
/// credentials until the new generation has nominated.
struct ICEConsent {
    let path: ICEPath
    let session: ICESession
    /// When the newest answered request was sent, not when its answer came: a late answer must not buy the
    /// peer more time than it granted.
    private(set) var grantedAt: MediaInstant
    private(set) var nextRequestAt: MediaInstant
    /// Requests that may still be answered, oldest first.
    private var outstanding: [(id: STUNTransactionID, sentAt: MediaInstant)] = []
    /// Whether the other pairs were already set to be checked again in this silence.
    var hasThawed = false

    /// Begins with the consent that nomination itself proved.
    init(path: ICEPath, session: ICESession, now: MediaInstant, nextRequestAt: MediaInstant) {
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
        return now - sentAt
    }

    /// Asks at once: there is reason to doubt the path.
    mutating func hurry(now: MediaInstant) {
        if outstanding.isEmpty { nextRequestAt = min(nextRequestAt, now) }
    }
}
