internal import LiveKitCore
internal import LiveKitRTC

/// Turns a stream's running totals into samples.
struct StreamSampler {
    private let track: TrackSID
    private var expected: Int64 = 0
    private var received: UInt64 = 0
    private var late: UInt64 = 0
    private var lost: Int64 = 0
    private var sent: UInt64 = 0

    init(track: TrackSID) {
        self.track = track
    }

    /// What came in; `nil` when nothing was to come.
    mutating func sample(_ stream: InboundStream, roundTripTime: MediaDuration?) -> StreamSample? {
        let statistics = stream.statistics
        defer {
            expected = statistics.expected
            (received, late) = (statistics.packetCount, statistics.lateCount)
        }
        let arrived = Int(truncatingIfNeeded: statistics.packetCount &- received)
        // A stream that began anew counts anew.
        let due = statistics.expected >= expected ? Int(statistics.expected - expected) : arrived
        guard due > 0 else { return nil }
        var sample = StreamSample(track: track, isOutgoing: false)
        sample.expected = due
        sample.lost = max(0, due - arrived)
        sample.late = Int(truncatingIfNeeded: statistics.lateCount &- late)
        sample.jitter = Self.duration(statistics.jitter, clockRate: stream.codec.clockRate)
        sample.roundTripTime = roundTripTime
        return sample
    }

    /// What a subscriber reported; `nil` without a report or when nothing was sent.
    mutating func sample(_ stream: OutboundStream, clockRate: UInt32, path: MediaDuration?) -> StreamSample? {
        let statistics = stream.statistics
        guard let block = statistics.lastReportBlock, statistics.packetCount != sent else { return nil }
        let count = Int(truncatingIfNeeded: statistics.packetCount &- sent)
        defer { (sent, lost) = (statistics.packetCount, Int64(block.cumulativeLost)) }
        var sample = StreamSample(track: track, isOutgoing: true)
        sample.expected = count
        sample.lost = min(count, max(0, Int(Int64(block.cumulativeLost) - lost)))
        sample.jitter = Self.duration(block.jitter, clockRate: clockRate)
        sample.roundTripTime = statistics.roundTripTime ?? path
        return sample
    }

    /// Units of a stream's clock.
    private static func duration(_ units: UInt32, clockRate: UInt32) -> MediaDuration {
        MediaDuration(nanoseconds: Int64(units) * 1_000_000_000 / Int64(max(clockRate, 1)))
    }
}
