internal import LiveKitCore
internal import Synchronization

/// Whether this node is fit for work: whether its media port answered lately, and whether the node was measured lately.
///
/// The age of both decides, not a count of failures, so that a prober that is itself stuck makes the node unfit as well.
final class NodeHealth: Sendable {
    /// How often the media port is tried.
    static let probeInterval = Duration.seconds(10)
    /// How long an answer is waited for. The loopback interface takes microseconds.
    static let probeTimeout = Duration.seconds(2)
    /// How old the last answer may be: two probes may be lost, and the third one finds the node unfit within 30 s.
    static let patience: MediaDuration = .seconds(25)

    /// How old the last measurement may be: LiveKit's figure, or twice the interval. It goes through every room, so one
    /// that is stuck shows.
    private let measurementPatience: MediaDuration

    private let answeredAt: Atomic<Int64>
    private let measuredAt: Atomic<Int64>

    init(measuredEach interval: Duration = .seconds(2), now: MediaInstant) {
        measurementPatience = max(.seconds(4), MediaDuration(interval * 2))
        answeredAt = Atomic(now.nanoseconds)
        measuredAt = Atomic(now.nanoseconds)
    }

    func measured(now: MediaInstant) {
        measuredAt.store(now.nanoseconds, ordering: .relaxed)
    }

    func answered(now: MediaInstant) {
        answeredAt.store(now.nanoseconds, ordering: .relaxed)
    }

    func isFit(now: MediaInstant) -> Bool {
        now - MediaInstant(nanoseconds: answeredAt.load(ordering: .relaxed)) < Self.patience
            && now - MediaInstant(nanoseconds: measuredAt.load(ordering: .relaxed)) <= measurementPatience
    }
}
