internal import LiveKitCore
internal import LiveKitRTC

/// What a receiver's own estimate (REMB) says of the path to it, for receivers that give no transport-wide feedback.
///
/// Such an estimate follows what arrives, and is hardly ever more than half as much again: that it is low says nothing,
/// but that it falls below what is sent does. So it is a limit from then on, and the limit is tried again by sending
/// more: by half each time, after three seconds, later where that went wrong.
///
/// - SeeAlso: draft-alvestrand-rmcat-remb-03; features of LiveKit's remote estimator: 95 % of what is expected.
struct ReceiverCapacity {
    /// Of what is sent: receivers do not count the headers.
    private static let expectedShare = 0.95
    /// Receivers cut to 85 % where the path is too full.
    private static let fall = 0.9
    private static let growth = 1.5
    private static let most = Bitrate.kilobits(100_000)
    private static let firstWait: MediaDuration = .seconds(3)
    private static let longestWait: MediaDuration = .seconds(120)
    private static let provingTime: MediaDuration = .seconds(30)

    /// `nil` while nothing limits.
    private(set) var current: Bitrate?
    /// The highest estimate since the last fall.
    private var peak = Bitrate.zero
    private var retryAt: MediaInstant?
    private var grownAt: MediaInstant?
    private var wait = firstWait

    /// Takes an estimate. `usage` is what is sent.
    mutating func note(_ estimate: Bitrate, usage: Bitrate, now: MediaInstant) {
        guard estimate < usage * Self.expectedShare, estimate < peak * Self.fall else {
            peak = max(peak, estimate)
            current = current.map { max($0, estimate) }
            return
        }
        let isRelapse = grownAt.map { now - $0 < Self.provingTime } ?? false
        wait = isRelapse ? min(wait * 3 / 2, Self.longestWait) : Self.firstWait
        grownAt = nil
        peak = estimate
        current = estimate
        retryAt = now + wait
    }

    /// Lets the limit grow when its time has come.
    mutating func handleTimeout(now: MediaInstant) {
        guard let limit = current, let due = retryAt, due <= now else { return }
        grownAt = now
        retryAt = now + wait
        current = limit * Self.growth > Self.most ? nil : limit * Self.growth
    }
}
