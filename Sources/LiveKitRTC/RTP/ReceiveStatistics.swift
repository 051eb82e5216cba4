package import LiveKitCore

/// Counts what arrives of one stream, and reports it to the sender.
///
/// Tell it of the packets as the network brought them; recovered ones do not count. Streams here are authenticated
/// and announced, so RFC 3550's probation of new sources is left out.
///
/// - SeeAlso: [RFC 3550 A.1, A.3, A.8](https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).
package struct ReceiveStatistics: Sendable {
    /// How a packet stands to those before it.
    package enum Arrival: Hashable, Sendable {
        /// The next packet, or one after a gap.
        case inOrder
        /// A packet from before the highest one, or a duplicate.
        case late
        /// The first of two in a row from elsewhere on the circle: not counted until the second confirms it.
        case suspect
        /// The stream began anew here.
        case restarted
    }

    package let ssrc: SSRC
    private var extender = SequenceExtender()
    private var base: Int64 = 0
    private var suspected: SequenceNumber?
    private var received: Int64 = 0
    private var expectedBefore: Int64 = 0
    private var receivedBefore: Int64 = 0
    private var interarrivalJitter: InterarrivalJitter
    private var lastReport: (compact: UInt32, at: MediaInstant)?
    /// All packets since the start, restarts included.
    package private(set) var packetCount: UInt64 = 0
    /// All payload octets since the start.
    package private(set) var octetCount: UInt64 = 0
    package private(set) var restartCount = 0
    /// Packets from before the highest one, duplicates among them.
    package private(set) var lateCount: UInt64 = 0

    package init(ssrc: SSRC, clockRate: UInt32) {
        self.ssrc = ssrc
        interarrivalJitter = InterarrivalJitter(clockRate: clockRate)
    }

    /// The jitter in units of the stream's clock.
    package var jitter: UInt32 { interarrivalJitter.value }
    /// Packets that should have come since the stream's last start.
    package var expected: Int64 { extender.highest.map { $0 - base + 1 } ?? 0 }
    /// Packets missing since the stream's last start; negative when duplicates outnumber losses.
    package var cumulativeLost: Int64 { expected - received }

    @discardableResult
    package mutating func receive(
        _ sequenceNumber: SequenceNumber, timestamp: UInt32, payloadSize: Int, now: MediaInstant
    ) -> Arrival {
        let arrival = classify(sequenceNumber)
        guard arrival != .suspect else { return .suspect }
        if arrival == .restarted { restart(at: sequenceNumber) }
        let isNewest = arrival != .late
        if isNewest {
            _ = extender.extend(sequenceNumber)
            interarrivalJitter.receive(timestamp: timestamp, now: now)
        } else {
            lateCount &+= 1
        }
        received += 1
        packetCount &+= 1
        octetCount &+= UInt64(clamping: payloadSize)
        return arrival
    }

    /// Notes when the sender's report came, so that the sender can compute the round trip (RFC 3550 §6.4.1, LSR).
    package mutating func receive(_ report: SenderReport, now: MediaInstant) {
        guard report.sender == ssrc else { return }
        lastReport = (report.timestamp.compact, now)
    }

    /// The block to report now. The loss fraction is that since the block before.
    package mutating func reportBlock(now: MediaInstant) -> ReportBlock {
        var block = ReportBlock(ssrc: ssrc)
        let (expected, lost) = (expected, cumulativeLost)
        let expectedNow = expected - expectedBefore
        let lostNow = expectedNow - (received - receivedBefore)
        (expectedBefore, receivedBefore) = (expected, received)
        if expectedNow > 0, lostNow > 0 {
            block.fractionLost = UInt8(clamping: lostNow * 256 / expectedNow)
        }
        block.cumulativeLost = Int32(clamping: min(max(lost, -0x80_0000), 0x7F_FFFF))
        block.highestSequence = UInt32(truncatingIfNeeded: extender.highest ?? 0)
        block.jitter = jitter
        if let lastReport {
            block.lastSenderReport = lastReport.compact
            block.delaySinceLastSenderReport = Self.compactSeconds(now - lastReport.at)
        }
        return block
    }

    private mutating func classify(_ sequenceNumber: SequenceNumber) -> Arrival {
        guard let highest = extender.highest else {
            base = Int64(sequenceNumber.rawValue)
            return .inOrder
        }
        let step = extender.extended(sequenceNumber) - highest
        if step > 0, step < Int64(RTPLimits.sequenceJump) {
            suspected = nil
            return .inOrder
        }
        if step <= 0, step > -Int64(RTPLimits.sequenceReordering) { return .late }
        guard suspected == sequenceNumber else {
            suspected = sequenceNumber.advanced(by: 1)
            return .suspect
        }
        return .restarted
    }

    private mutating func restart(at sequenceNumber: SequenceNumber) {
        extender.reset()
        base = Int64(sequenceNumber.rawValue)
        suspected = nil
        (received, expectedBefore, receivedBefore) = (0, 0, 0)
        interarrivalJitter.restart()
        restartCount += 1
    }

    /// A duration in 1/65536 s.
    static func compactSeconds(_ duration: MediaDuration) -> UInt32 {
        let (seconds, rest) = max(duration, .zero).nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return UInt32(clamping: seconds &* 65_536 &+ rest &* 65_536 / 1_000_000_000)
    }
}
