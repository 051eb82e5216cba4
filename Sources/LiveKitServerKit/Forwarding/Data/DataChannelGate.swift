internal import LiveKitCore
internal import LiveKitRTC

/// Whether a message still goes onto a data channel, given what waits there. What does not is left out, and counted.
struct DataChannelGate {
    enum Policy: Equatable {
        /// What waits shall be gone after so long, at the pace of the last seconds; `nil` for a fixed bound in bytes.
        case fresh(within: MediaDuration?)
        /// Everything goes, unless the reader takes less than that in a second; `nil` for everything.
        case complete(slowestReader: Bitrate?)
    }

    enum Refusal: Equatable {
        case waitsTooLong, readerTooSlow
    }

    /// So many bytes may wait on any channel. LiveKit's own.
    static let smallestBacklog = 8 << 10
    /// And so many where no latency was asked for, or nothing is known of the path: some hundred milliseconds of a
    /// slow one.
    static let usualBacklog = 64 << 10

    private let policy: Policy
    private var drain = DrainRate()

    init(_ policy: Policy) {
        self.policy = policy
    }

    func refusal(buffered: Int, now: MediaInstant) -> Refusal? {
        guard buffered > Self.smallestBacklog else { return nil }
        switch policy {
        case .fresh(let latency):
            guard let latency, let rate = drain.rate(now: now) else {
                return buffered > Self.usualBacklog ? .waitsTooLong : nil
            }
            let allowed = Double(rate.bitsPerSecond) / 8 * latency.seconds
            return Double(buffered) > allowed ? .waitsTooLong : nil
        case .complete(let slowest):
            guard let slowest, let rate = drain.rate(now: now) else { return nil }
            return rate < slowest ? .readerTooSlow : nil
        }
    }

    mutating func noteSent(byteCount: Int, buffered: Int, now: MediaInstant) {
        guard policy != .fresh(within: nil), policy != .complete(slowestReader: nil) else { return }
        drain.note(written: byteCount, buffered: buffered, now: now)
    }
}
