package import LiveKitCore

/// What the path is believed to carry.
package struct BandwidthEstimate: Hashable, Sendable {
    /// What keeps the rate from being higher.
    package enum Limit: Hashable, Sendable {
        case delay
        case loss
        /// The receiver's own estimate (REMB).
        case receiver
        /// No feedback comes.
        case silence
    }

    /// What media, retransmissions and padding together should not exceed.
    package var target: Bitrate
    /// The share of packets lost lately, 0...1.
    package var lossRatio: Double
    /// Up to the receiver and back, its wait for the next feedback included.
    package var roundTripTime: MediaDuration
    package var limit: Limit
}

/// Estimates from a receiver's feedback how much may be sent to it.
///
/// It composes the machines of this folder and owns none of their rules. Packets as they leave and feedback as it
/// comes go in; ``estimate``, probes to send and one deadline come out. One estimator serves one transport: a client's
/// publishing connection, or one subscriber of a server.
///
/// ```
///  onPacketSent ─► SentPacketHistory ◄─ onFeedback
///                         │ results
///        ┌────────────────┼──────────────────┬──────────────────┐
///   ArrivalGroups   AcknowledgedBitrate  ProbeEstimator   LossBasedControl
///   DelayTrend            │                  │                  │
///        └──────► AIMDRateControl ◄──────────┘                  │
///                         └────────────► target ◄───────────────┴── REMB, FeedbackWatch
/// ```
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02; draft-holmer-rmcat-transport-wide-cc-extensions-01;
///   draft-alvestrand-rmcat-remb-03.
package struct SendSideBandwidthEstimator: Sendable {
    package struct Configuration: Hashable, Sendable {
        package var start = Bitrate.kilobits(300)
        package var minimum = Bitrate.kilobits(10)
        package var maximum = Bitrate.kilobits(100_000)
        /// Packets whose feedback can be awaited.
        package var history = CongestionLimits.sentPackets
        /// Whether silence counts before any feedback has come. Not all who agree to give it do.
        package var believesFirstSilence = true

        package init() {}
    }

    private static let initialRoundTrip: MediaDuration = .milliseconds(200)
    private static let longestRoundTrip: MediaDuration = .seconds(10)
    /// After a silence this long old groups compare with nothing.
    private static let silence: MediaDuration = .seconds(2)
    private static let roundTripSmoothing: Int64 = 8
    private static let receiverLimitLifetime: MediaDuration = .seconds(15)

    package private(set) var estimate: BandwidthEstimate

    private let configuration: Configuration
    private var history: SentPacketHistory
    private var groups = ArrivalGroups()
    private var trend = DelayTrend()
    private var queueDelay = QueueDelay()
    private var acknowledged = AcknowledgedBitrate()
    private var rateControl: AIMDRateControl
    private var lossControl = LossBasedControl()
    private var reportControl: ReportLossControl
    private var probes: ProbeController
    private var probeEstimator = ProbeEstimator()
    private var applicationLimit = ApplicationLimit()
    private var watch = FeedbackWatch()
    private var receiverLimit: (rate: Bitrate, at: MediaInstant)?
    private var lastFeedbackAt: MediaInstant?
    /// Whether transport-wide feedback has come at all; until then receiver reports decide.
    private var hasFeedback = false
    private var roundTripTime = initialRoundTrip
    private var isSilent = false
    /// Reused for each feedback.
    private var results: [PacketResult] = []
    private var observationIsDue = false

    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        let bounds = configuration.minimum...max(configuration.minimum, configuration.maximum)
        let start = min(max(configuration.start, bounds.lowerBound), bounds.upperBound)
        history = SentPacketHistory(capacity: configuration.history)
        rateControl = AIMDRateControl(start: start, bounds: bounds)
        reportControl = ReportLossControl(start: start, bounds: bounds)
        probes = ProbeController(start: start, bounds: bounds)
        estimate = BandwidthEstimate(
            target: start, lossRatio: 0, roundTripTime: Self.initialRoundTrip, limit: .delay)
        results.reserveCapacity(256)
    }

    // MARK: Queries

    /// Whether the sender has had less to send than it may.
    package var isApplicationLimited: Bool { applicationLimit.isLimited }
    /// How long packets wait on the path, as far as feedback tells.
    package var pathQueueDelay: MediaDuration { queueDelay.current }
    /// What got through lately.
    package var acknowledgedBitrate: Bitrate? { acknowledged.current }

    /// When ``handleTimeout(now:)`` is to be called next.
    package var deadline: MediaInstant? { .earliest(probes.deadline, watch.deadline) }

    // MARK: Events

    /// A packet leaves under a transport-wide sequence number. `byteCount` is that of the datagram.
    package mutating func onPacketSent(
        _ number: SequenceNumber, byteCount: Int, probeCluster: UInt16 = 0, now: MediaInstant
    ) {
        history.record(number, byteCount: byteCount, probeCluster: probeCluster, now: now)
        applicationLimit.noteSent(byteCount: byteCount, estimate: estimate.target, now: now)
        watch.noteSent(now: now)
        probes.start(now: now)
    }

    /// The receiver tells which packets arrived when.
    package mutating func onFeedback(_ feedback: TransportFeedback, now: MediaInstant) {
        results.removeAll(keepingCapacity: true)
        history.join(feedback, now: now, into: &results)
        guard let newest = results.lastIndex(where: { $0.receivedAt != nil }) else {
            for index in results.indices { countLoss(results[index]) }
            return judgeLoss(now: now)
        }
        if let lastFeedbackAt, now - lastFeedbackAt > Self.silence {
            groups.reset()
            trend.reset()
        }
        lastFeedbackAt = now
        hasFeedback = true
        isSilent = false
        noteRoundTrip(now - results[newest].sentAt)
        watch.noteFeedback(newest: results[newest].sentAt, now: now)
        let useBefore = trend.use
        let probed = takeResults(now: now)
        controlRate(useBefore: useBefore, probed: probed, now: now)
        judgeLoss(now: now)
        compose(now: now)
    }

    /// A receiver report speaks of a stream of ours. Counts only until transport-wide feedback comes.
    package mutating func onLossReport(_ block: ReportBlock, now: MediaInstant) {
        guard !hasFeedback else { return }
        reportControl.receive(
            block, receiverLimit: currentReceiverLimit(now: now), roundTripTime: roundTripTime, now: now)
        compose(now: now)
    }

    /// The receiver tells its own estimate (REMB), which caps ours.
    package mutating func onREMB(_ bitrate: Bitrate, now: MediaInstant) {
        receiverLimit = (bitrate, now)
        compose(now: now)
    }

    /// The round trip as it is known from elsewhere: sender reports, or connectivity checks.
    package mutating func onRoundTrip(_ duration: MediaDuration) {
        guard !hasFeedback else { return }
        roundTripTime = min(max(duration, .milliseconds(1)), Self.longestRoundTrip)
    }

    /// What the sender would send if it could: all layers of all tracks. Probes look for no more.
    package mutating func setDemand(_ demand: Bitrate?, now: MediaInstant) {
        probes.setDemand(demand, now: now)
    }

    /// A probe to send, or `nil`. Ask after each event, until there is none.
    package mutating func pollProbe() -> ProbeCluster? {
        guard let probe = probes.poll() else { return nil }
        probeEstimator.expect(probe)
        return probe
    }

    /// Does what is due. Spurious calls do no harm.
    package mutating func handleTimeout(now: MediaInstant) {
        probes.handleTimeout(now: now)
        guard let factor = watch.reduction(now: now), hasFeedback || configuration.believesFirstSilence else { return }
        isSilent = true
        let reduced = estimate.target * factor
        rateControl.set(reduced, now: now)
        reportControl.set(reduced)
        compose(now: now)
    }

    /// The path changed: what was learned of the old one is forgotten, the rate begins anew.
    package mutating func restart(now: MediaInstant) {
        let (history, receiverLimit) = (self.history, self.receiverLimit)
        self = Self(configuration)
        self.history = history
        self.receiverLimit = receiverLimit
    }

    // MARK: From feedback to a rate

    private mutating func noteRoundTrip(_ measured: MediaDuration) {
        let bounded = min(max(measured, .milliseconds(1)), Self.longestRoundTrip)
        roundTripTime = (roundTripTime * (Self.roundTripSmoothing - 1) + bounded) / Self.roundTripSmoothing
    }

    /// Gives each result to the machines that learn from single packets. Returns what a probe found.
    private mutating func takeResults(now: MediaInstant) -> Bitrate? {
        var probed: Bitrate?
        for index in results.indices {
            let result = results[index]
            countLoss(result)
            guard let arrivedAt = result.receivedAt else { continue }
            acknowledged.receive(byteCount: result.byteCount, arrivedAt: arrivedAt)
            queueDelay.update(sentAt: result.sentAt, arrivedAt: arrivedAt, now: now)
            if result.probeCluster != 0, let rate = probeEstimator.receive(result) { probed = rate }
            if let variation = groups.receive(sentAt: result.sentAt, arrivedAt: arrivedAt, now: now) {
                trend.update(variation, now: now)
            }
        }
        return probed
    }

    private mutating func controlRate(useBefore: NetworkUse, probed: Bitrate?, now: MediaInstant) {
        let before = rateControl.rate
        rateControl.update(
            AIMDRateControl.Input(
                use: trend.use, acknowledged: acknowledged.current, queueDelay: queueDelay.current,
                roundTripTime: roundTripTime, isApplicationLimited: applicationLimit.isLimited), now: now)
        if rateControl.wantsRebase { queueDelay.rebase() }
        if let probed, trend.use != .overuse, !rateControl.isDraining {
            probes.note(result: probed, before: before, now: now)
            if probed > rateControl.rate { rateControl.noteProbe(probed, now: now) }
        }
        if useBefore == .overuse, trend.use == .normal {
            let wasLimited =
                applicationLimit.isLimited || applicationLimit.endedAt.map { now - $0 < .seconds(3) } ?? false
            probes.noteRecovery(isApplicationLimited: wasLimited, now: now)
        }
    }

    private mutating func countLoss(_ result: PacketResult) {
        if lossControl.receive(result) { observationIsDue = true }
    }

    private mutating func judgeLoss(now: MediaInstant) {
        guard observationIsDue else { return }
        observationIsDue = false
        lossControl.update(
            delayRate: rateControl.rate, acknowledged: acknowledged.current, floor: configuration.minimum)
        let ceiling = lossControl.limit * LossBasedControl.headroom
        if rateControl.rate > ceiling { rateControl.set(ceiling, now: now) }
    }

    private func currentReceiverLimit(now: MediaInstant) -> Bitrate? {
        guard let receiverLimit, now - receiverLimit.at < Self.receiverLimitLifetime else { return nil }
        return receiverLimit.rate
    }

    private mutating func compose(now: MediaInstant) {
        var target = hasFeedback ? rateControl.rate : reportControl.rate
        var limit = hasFeedback ? BandwidthEstimate.Limit.delay : .loss
        if hasFeedback, lossControl.limit < target {
            target = lossControl.limit
            limit = .loss
        }
        if let receiver = currentReceiverLimit(now: now), receiver < target {
            target = max(receiver, configuration.minimum)
            limit = .receiver
        }
        if isSilent { limit = .silence }
        estimate = BandwidthEstimate(
            target: target, lossRatio: hasFeedback ? lossControl.lossRatio : reportControl.lossRatio,
            roundTripTime: roundTripTime, limit: limit)
        probes.note(estimate: target, isHeld: limit == .loss || rateControl.isDraining || isSilent, now: now)
    }
}
