package import LiveKitCore

/// Turns the delay's trend into a rate: up while nothing queues, down to below what got through once something does.
///
/// ```
///            overuse            normal, queue drained
///  increase ─────────► hold ──────────────────────────► increase
///      ▲                │ ▲ underuse
///      └────────────────┘ └─────────────── from each
/// ```
///
/// It grows by 8 % each second while the path's capacity is unknown, and by about a packet each response time near the
/// capacity that it has seen. It falls to 85 % of what was acknowledged, and further where a queue has built up:
/// what the queue holds must leave within ``drainTime`` besides what is sent. While that lasts nothing grows.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §5.5.
package struct AIMDRateControl: Sendable {
    private enum Phase: Sendable { case hold, increase }

    /// Where a long queue is left to empty: until when, and how long it was at first.
    private struct Drain: Sendable {
        var end: MediaInstant
        var initialDelay: MediaDuration
    }

    /// The least that a decrease takes.
    private static let decrease = 0.85
    private static let deepestDecrease = 0.5
    /// In which time a queue shall be gone.
    private static let drainTime: MediaDuration = .seconds(2)
    /// Queues below are left to themselves.
    private static let longQueue: MediaDuration = .milliseconds(100)
    /// A queue this short is drained.
    private static let drainedQueue: MediaDuration = .milliseconds(30)
    /// A queue that stands this long for this long is overuse without a trend.
    private static let standingQueue: MediaDuration = .milliseconds(200)
    private static let standingTime: MediaDuration = .seconds(1)
    /// Of the rate, for each second.
    private static let growth = 0.08
    /// Growth over what is acknowledged says nothing of the path.
    private static let throughputFactor = 1.5
    private static let throughputMargin = Bitrate.kilobits(10)
    private static let frameInterval: MediaDuration = .milliseconds(33)
    private static let packetBits = 9600.0
    private static let slowestGrowth = Bitrate.kilobits(4)
    /// Of a known capacity, which growth alone does not exceed: what lies beyond only a queue would tell, or a probe.
    private static let excess = 1.06
    /// The capacity of a slow path is known less exactly.
    private static let leastExcess = Bitrate.kilobits(20)
    private static let receiverDelay: MediaDuration = .milliseconds(100)
    private static let reductionIntervals: ClosedRange<MediaDuration> = .milliseconds(10) ... .milliseconds(200)

    /// The rate that the delay allows.
    package private(set) var rate: Bitrate
    package private(set) var capacity = LinkCapacity()
    /// The path got longer rather than a queue: whoever measures the queue takes a new base, and asks once.
    package private(set) var wantsRebase = false

    private let bounds: ClosedRange<Bitrate>
    private var phase = Phase.hold
    private var updatedAt: MediaInstant?
    private var decreasedAt: MediaInstant?
    private var drain: Drain?
    private var standingSince: MediaInstant?

    package init(start: Bitrate, bounds: ClosedRange<Bitrate>) {
        rate = min(max(start, bounds.lowerBound), bounds.upperBound)
        self.bounds = bounds
    }

    package struct Input: Sendable {
        package var use: NetworkUse
        package var acknowledged: Bitrate?
        package var queueDelay: MediaDuration
        package var roundTripTime: MediaDuration
        /// Whether the sender has less to send than it may: then nothing proves that more would get through.
        package var isApplicationLimited: Bool

        package init(
            use: NetworkUse, acknowledged: Bitrate?, queueDelay: MediaDuration, roundTripTime: MediaDuration,
            isApplicationLimited: Bool = false
        ) {
            self.use = use
            self.acknowledged = acknowledged
            self.queueDelay = queueDelay
            self.roundTripTime = roundTripTime
            self.isApplicationLimited = isApplicationLimited
        }
    }

    package mutating func update(_ input: Input, now: MediaInstant) {
        wantsRebase = false
        noteQueue(input.queueDelay, now: now)
        let isStanding = standingSince.map { now - $0 >= Self.standingTime } ?? false
        if input.use == .overuse || (isStanding && drain == nil) {
            if mayDecrease(input, now: now) { decrease(input, now: now) }
        } else if drain != nil || input.use == .underuse {
            phase = .hold
        } else if phase == .hold {
            phase = .increase
        } else {
            increase(input, now: now)
        }
        updatedAt = now
    }

    /// Takes a rate that a probe or another control found.
    package mutating func set(_ rate: Bitrate, now: MediaInstant) {
        self.rate = clamped(rate)
        updatedAt = now
    }

    package mutating func noteProbe(_ result: Bitrate, now: MediaInstant) {
        capacity.noteProbe(result)
        set(result, now: now)
    }

    /// Whether a long queue is being emptied.
    package var isDraining: Bool { drain != nil }

    private mutating func noteQueue(_ delay: MediaDuration, now: MediaInstant) {
        standingSince = delay < Self.standingQueue ? nil : standingSince ?? now
        guard let current = drain else { return }
        if delay <= Self.drainedQueue {
            drain = nil
            // The deep cut was for the queue; what the path carries is known.
            if let known = capacity.estimate { rate = clamped(max(rate, known * Self.decrease)) }
        } else if now >= current.end {
            drain = nil
            // Sending less emptied nothing: this is how long the path is.
            if delay * 4 > current.initialDelay * 3 {
                wantsRebase = true
                standingSince = nil
                if let known = capacity.estimate { rate = clamped(max(rate, known * Self.decrease)) }
            }
        }
    }

    private func mayDecrease(_ input: Input, now: MediaInstant) -> Bool {
        guard let decreasedAt else { return true }
        let interval = min(
            max(input.roundTripTime, Self.reductionIntervals.lowerBound), Self.reductionIntervals.upperBound)
        if now - decreasedAt >= interval { return true }
        return input.acknowledged.map { $0 < rate * 0.5 } ?? false
    }

    private mutating func decrease(_ input: Input, now: MediaInstant) {
        phase = .hold
        decreasedAt = now
        let isLong = input.queueDelay > Self.longQueue
        let share = isLong ? 1 - input.queueDelay.seconds / Self.drainTime.seconds : Self.decrease
        let factor = min(max(share, Self.deepestDecrease), Self.decrease)
        if isLong, drain == nil {
            drain = Drain(end: now + Self.drainTime * 2, initialDelay: input.queueDelay)
            standingSince = nil
        }
        guard let acknowledged = input.acknowledged else {
            rate = clamped(min(rate, rate * factor))
            return
        }
        if acknowledged < capacity.lowerBound || acknowledged > capacity.upperBound { capacity.reset() }
        capacity.noteOveruse(acknowledged: acknowledged)
        rate = clamped(min(rate, acknowledged * factor))
    }

    private mutating func increase(_ input: Input, now: MediaInstant) {
        if let acknowledged = input.acknowledged, acknowledged > capacity.upperBound { capacity.reset() }
        let elapsed = min((now - (updatedAt ?? now)).seconds, 1)
        guard elapsed > 0 else { return }
        let grown =
            capacity.estimate == nil
            ? rate * (1 + Self.growth * elapsed)
            : rate + additiveGrowth(roundTripTime: input.roundTripTime) * elapsed
        var limit = input.acknowledged.map { $0 * Self.throughputFactor + Self.throughputMargin } ?? grown
        if let known = capacity.estimate { limit = min(limit, max(known * Self.excess, known + Self.leastExcess)) }
        guard !input.isApplicationLimited || limit > rate else { return }
        rate = clamped(max(rate, min(grown, limit)))
    }

    /// About half a packet for each response time, for each second.
    private func additiveGrowth(roundTripTime: MediaDuration) -> Bitrate {
        let frameBits = Double(rate.bitsPerSecond) * Self.frameInterval.seconds
        let packets = max(1, (frameBits / Self.packetBits).rounded(.up))
        let response = (roundTripTime + Self.receiverDelay) * 2
        return max(Bitrate(frameBits / packets / max(response.seconds, 0.01)), Self.slowestGrowth)
    }

    private func clamped(_ rate: Bitrate) -> Bitrate {
        min(max(rate, bounds.lowerBound), bounds.upperBound)
    }
}
