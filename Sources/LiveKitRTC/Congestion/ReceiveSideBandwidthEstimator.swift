package import LiveKitCore

/// Estimates from what arrives how much the path to us carries, for peers that want to be told (REMB) rather than
/// do the sum themselves (transport-wide feedback).
///
/// The same delay trend and rate control as ``SendSideBandwidthEstimator``, over the send times in the packets'
/// absolute send time extension. It does not know of probes: bursts of a sender that probes count like any others.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §3 (receiver-side controller); draft-alvestrand-rmcat-remb-03.
package struct ReceiveSideBandwidthEstimator: Sendable {
    private static let start = Bitrate.kilobits(300)
    private static let bounds = Bitrate.kilobits(10)...Bitrate.kilobits(100_000)
    private static let reportInterval: MediaDuration = .seconds(1)
    /// An estimate this far below the reported one is told at once.
    private static let urgentRatio = 0.97
    private static let urgentInterval: MediaDuration = .milliseconds(200)
    private static let evaluationInterval: MediaDuration = .milliseconds(50)
    private static let silence: MediaDuration = .seconds(2)
    private static let roundTrip: MediaDuration = .milliseconds(200)

    /// The first estimates rest on what came until then.
    private static let initialTime: MediaDuration = .milliseconds(500)

    private var groups = ArrivalGroups()
    private var trend = DelayTrend()
    private var queueDelay = QueueDelay()
    private var acknowledged = AcknowledgedBitrate()
    private var rateControl = AIMDRateControl(start: start, bounds: bounds)
    private var lastTicks: Int64?
    private var lastPacketAt: MediaInstant?
    private var firstPacketAt: MediaInstant?
    private var evaluatedAt: MediaInstant?
    private var isStarted = false
    private var reported: (rate: Bitrate, at: MediaInstant)?

    package init() {}

    /// What the path carries; `nil` before enough has come.
    package var estimate: Bitrate? { isStarted ? rateControl.rate : nil }

    /// Takes a packet with its sender's time.
    package mutating func receive(sentAt: AbsoluteSendTime, byteCount: Int, now: MediaInstant) {
        if let lastPacketAt, now - lastPacketAt > Self.silence {
            groups.reset()
            trend.reset()
        }
        lastPacketAt = now
        let first = firstPacketAt ?? now
        firstPacketAt = first
        let sent = unwrap(sentAt)
        acknowledged.receive(byteCount: byteCount, arrivedAt: now)
        queueDelay.update(sentAt: sent, arrivedAt: now, now: now)
        if let variation = groups.receive(sentAt: sent, arrivedAt: now, now: now) { trend.update(variation, now: now) }
        guard now - first >= Self.initialTime, let arriving = acknowledged.current else { return }
        if !isStarted {
            isStarted = true
            rateControl.set(max(Self.start, arriving), now: now)
        }
        if trend.use != .overuse, let evaluatedAt, now - evaluatedAt < Self.evaluationInterval { return }
        evaluatedAt = now
        rateControl.update(
            AIMDRateControl.Input(
                use: trend.use, acknowledged: arriving, queueDelay: queueDelay.current,
                roundTripTime: Self.roundTrip), now: now)
        if rateControl.wantsRebase { queueDelay.rebase() }
    }

    /// When a report is due.
    package var deadline: MediaInstant? {
        guard isStarted, let lastPacketAt else { return nil }
        guard let reported else { return .start }
        let isUrgent = rateControl.rate < reported.rate * Self.urgentRatio
        let due = reported.at + (isUrgent ? Self.urgentInterval : Self.reportInterval)
        // Nothing comes, so there is nothing to tell.
        return lastPacketAt + Self.silence < due ? nil : due
    }

    /// The report that is due.
    package mutating func poll(
        now: MediaInstant, sender: SSRC, streams: [SSRC]
    ) -> ReceiverEstimatedMaximumBitrate? {
        guard let deadline, deadline <= now else { return nil }
        reported = (rateControl.rate, now)
        return ReceiverEstimatedMaximumBitrate(
            sender: sender, bitrate: UInt64(clamping: rateControl.rate.bitsPerSecond), streams: streams)
    }

    /// The sender's time without wraps, on a clock of its own.
    private mutating func unwrap(_ time: AbsoluteSendTime) -> MediaInstant {
        let value = Int64(time.rawValue)
        let last = lastTicks ?? value
        let step = ((value &- last) << 40) >> 40
        let ticks = last &+ step
        lastTicks = max(last, ticks)
        // 2¹⁸ ticks a second.
        return MediaInstant(nanoseconds: (ticks >> 18) &* 1_000_000_000 &+ ((ticks & 0x3_FFFF) &* 1_000_000_000) >> 18)
    }
}
