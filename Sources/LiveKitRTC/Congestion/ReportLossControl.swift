package import LiveKitCore

/// The rate for peers that report losses only, in receiver reports: no arrival times come back from them.
///
/// Below 2 % loss it grows by 8 % each second, above 10 % it falls by half the loss, in between it stays. With a peer
/// that estimates by itself (REMB) the estimate is adopted as long as nothing is lost.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §6.
package struct ReportLossControl: Sendable {
    private static let growthLoss = 0.02
    private static let decreaseLoss = 0.10
    private static let growth = 0.08
    private static let growthMargin = Bitrate.kilobits(1)
    /// Loss is judged of at least this many packets.
    private static let neededPackets: Int64 = 20
    private static let decreaseInterval: MediaDuration = .milliseconds(300)
    /// A report of an interval longer than a second or so says nothing of its parts.
    private static let decreaseSteps: Int64 = 3

    private struct Stream: Sendable {
        var ssrc: SSRC
        var highest: UInt32
        var cumulativeLost: Int32
    }

    package private(set) var rate: Bitrate
    package private(set) var lossRatio = 0.0

    private let bounds: ClosedRange<Bitrate>
    private var streams: [Stream] = []
    private var expected: Int64 = 0
    private var lost: Int64 = 0
    private var updatedAt: MediaInstant?
    private var decreasedAt: MediaInstant?

    package init(start: Bitrate, bounds: ClosedRange<Bitrate>) {
        rate = min(max(start, bounds.lowerBound), bounds.upperBound)
        self.bounds = bounds
        streams.reserveCapacity(CongestionLimits.reportedStreams)
    }

    /// Takes a block about a stream of ours. `receiverLimit` is the peer's own estimate, if it makes one.
    package mutating func receive(
        _ block: ReportBlock, receiverLimit: Bitrate?, roundTripTime: MediaDuration, now: MediaInstant
    ) {
        guard count(block), expected >= Self.neededPackets else { return }
        lossRatio = min(max(Double(lost) / Double(expected), 0), 1)
        (expected, lost) = (0, 0)
        let elapsed = min((now - (updatedAt ?? now)).seconds, 1)
        updatedAt = now
        if lossRatio > Self.decreaseLoss {
            decrease(interval: Self.decreaseInterval + roundTripTime, now: now)
        } else if lossRatio < Self.growthLoss {
            let grown = rate * (1 + Self.growth * elapsed) + Self.growthMargin * elapsed
            rate = clamped(max(grown, receiverLimit ?? .zero))
        }
    }

    /// Takes a rate that another control found.
    package mutating func set(_ rate: Bitrate) {
        self.rate = clamped(rate)
    }

    /// Once for each interval since the last time, so that it matters little how often reports come.
    private mutating func decrease(interval: MediaDuration, now: MediaInstant) {
        let elapsed = decreasedAt.map { now - $0 } ?? interval
        let steps = min(elapsed.nanoseconds / max(interval.nanoseconds, 1), Self.decreaseSteps)
        guard steps > 0 else { return }
        decreasedAt = now
        for _ in 0..<steps { rate = clamped(rate * (1 - lossRatio / 2)) }
    }

    /// Adds what is new in the block. Returns whether it continues an earlier one.
    private mutating func count(_ block: ReportBlock) -> Bool {
        let next = Stream(ssrc: block.ssrc, highest: block.highestSequence, cumulativeLost: block.cumulativeLost)
        guard let index = streams.firstIndex(where: { $0.ssrc == block.ssrc }) else {
            if streams.count < CongestionLimits.reportedStreams { streams.append(next) }
            return false
        }
        let before = streams[index]
        streams[index] = next
        let packets = Int64(Int32(bitPattern: next.highest &- before.highest))
        let losses = Int64(next.cumulativeLost) - Int64(before.cumulativeLost)
        // A stream that began anew, or a forged block.
        guard packets > 0, packets < 0x1_0000, abs(losses) <= packets else { return false }
        expected += packets
        lost += losses
        return true
    }

    private func clamped(_ rate: Bitrate) -> Bitrate {
        min(max(rate, bounds.lowerBound), bounds.upperBound)
    }
}
