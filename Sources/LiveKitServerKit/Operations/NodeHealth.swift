internal import LiveKitCore
internal import Synchronization

/// Whether this node is fit for work: whether its media port answered lately.
///
/// The answer's age decides, not a count of failures, so that a prober that is itself stuck makes the node unfit as well.
final class NodeHealth: Sendable {
    /// How often the media port is tried.
    static let probeInterval = Duration.seconds(10)
    /// How long an answer is waited for. The loopback interface takes microseconds.
    static let probeTimeout = Duration.seconds(2)
    /// How old the last answer may be: two probes may be lost, and the third one finds the node unfit within 30 s.
    static let patience: MediaDuration = .seconds(25)

    private let answeredAt: Atomic<Int64>

    init(now: MediaInstant) {
        answeredAt = Atomic(now.nanoseconds)
    }

    func answered(now: MediaInstant) {
        answeredAt.store(now.nanoseconds, ordering: .relaxed)
    }

    func isFit(now: MediaInstant) -> Bool {
        now - MediaInstant(nanoseconds: answeredAt.load(ordering: .relaxed)) < Self.patience
    }
}
