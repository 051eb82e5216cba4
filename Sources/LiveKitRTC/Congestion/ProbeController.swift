package import LiveKitCore

/// Decides when a probe is worth its queue, and at what rate.
///
/// - At the start: three and six times the start rate, then twice the result for as long as results come out near
///   what was tried.
/// - When more is wanted than the estimate: at once when the wish grows, then each 5 s, each 10 s after probes that
///   found nothing. This is also what ends a time in which the sender had little to send, and what finds the way
///   back after a path's capacity had fallen.
/// - When a large drop turns out to have been a mistake: at 85 % of the rate before.
///
/// Nothing is probed while losses limit the rate: the probe's own would say nothing new.
package struct ProbeController: Sendable {
    private enum Stage: Sendable {
        case idle
        /// A result above the rate is worth another probe.
        case awaiting(worth: Bitrate, until: MediaInstant)
        case settled
    }

    private static let initialFactors = [3.0, 6.0]
    private static let nextFactor = 2.0
    /// The share of a probe's rate that a result must reach for another.
    private static let worth = 0.7
    private static let resultTimeout: MediaDuration = .seconds(1)
    private static let interval: MediaDuration = .seconds(5)
    private static let intervalAfterFailure: MediaDuration = .seconds(10)
    /// A result must exceed the estimate by this to be called a success.
    private static let gain = 1.05
    /// Probes on a changed wish keep this distance.
    private static let wishInterval: MediaDuration = .seconds(1)
    /// What is wanted must get through with some room.
    private static let wishMargin = 1.25
    private static let dropRatio = 0.66
    private static let dropMemory: MediaDuration = .seconds(5)
    private static let recoveryFactor = 0.85

    private let bounds: ClosedRange<Bitrate>
    private var stage = Stage.idle
    private var estimate: Bitrate
    /// What the sender would send if it could; `nil` for as much as possible.
    private var demand: Bitrate?
    private var isHeld = false
    private var queue: [ProbeCluster] = []
    private var lastID: UInt16 = 0
    private var lastProbeAt: MediaInstant?
    private var dueAt: MediaInstant?
    private var pause = interval
    private var rateBeforeDrop: (rate: Bitrate, at: MediaInstant)?

    package init(start: Bitrate, bounds: ClosedRange<Bitrate>) {
        estimate = start
        self.bounds = bounds
        queue.reserveCapacity(CongestionLimits.probeClusters + 1)
    }

    /// The media begins to flow.
    package mutating func start(now: MediaInstant) {
        guard case .idle = stage else { return }
        for factor in Self.initialFactors { request(estimate * factor, now: now) }
        dueAt = now + pause
    }

    /// What is wanted changed.
    package mutating func setDemand(_ demand: Bitrate?, now: MediaInstant) {
        let before = self.demand
        self.demand = demand
        guard case .settled = stage, wantsMore, let demand, before.map({ demand > $0 }) ?? true else { return }
        let earliest = lastProbeAt.map { $0 + Self.wishInterval } ?? now
        dueAt = min(dueAt ?? earliest, max(earliest, now))
    }

    /// Takes the newest estimate. `isHeld` while losses limit it or a queue is being emptied.
    package mutating func note(estimate next: Bitrate, isHeld: Bool, now: MediaInstant) {
        if next < estimate * Self.dropRatio {
            rateBeforeDrop = (estimate, now)
            if dueAt != nil { dueAt = now + Self.interval }
        }
        estimate = next
        self.isHeld = isHeld
        guard case .settled = stage else { return }
        if wantsMore { dueAt = dueAt ?? now + pause } else { dueAt = nil }
    }

    /// Takes what a probe's feedback says; `before` is the estimate that it was to exceed.
    package mutating func note(result: Bitrate, before: Bitrate, now: MediaInstant) {
        if result > before * Self.gain { pause = Self.interval }
        guard case .awaiting(let worth, _) = stage, result >= worth else { return }
        settle()
        if result < ceiling { request(result * Self.nextFactor, now: now) }
        dueAt = now + pause
    }

    /// The delay is normal again after an overuse. When the sender sent little, what was acknowledged then had nothing
    /// to do with the path.
    package mutating func noteRecovery(isApplicationLimited: Bool, now: MediaInstant) {
        guard let drop = rateBeforeDrop, isApplicationLimited, now - drop.at < Self.dropMemory else { return }
        rateBeforeDrop = nil
        let rate = drop.rate * Self.recoveryFactor
        if rate > estimate, !isHeld { request(rate, now: now) }
    }

    /// The next probe to send.
    package mutating func poll() -> ProbeCluster? {
        queue.isEmpty ? nil : queue.removeFirst()
    }

    package var deadline: MediaInstant? {
        if case .awaiting(_, let until) = stage { return until }
        return dueAt
    }

    package mutating func handleTimeout(now: MediaInstant) {
        if case .awaiting(_, let until) = stage, until <= now { settle() }
        guard case .settled = stage, let due = dueAt, due <= now else { return }
        guard wantsMore else {
            dueAt = nil
            return
        }
        dueAt = now + pause
        guard !isHeld else { return }
        // Until its result says otherwise the probe failed.
        pause = Self.intervalAfterFailure
        request(estimate * Self.nextFactor, now: now)
    }

    private var wantsMore: Bool {
        estimate < min(demand ?? bounds.upperBound, bounds.upperBound)
    }

    private var ceiling: Bitrate {
        min(demand.map { $0 * Self.wishMargin } ?? bounds.upperBound, bounds.upperBound)
    }

    private mutating func settle() {
        stage = .settled
    }

    private mutating func request(_ wanted: Bitrate, now: MediaInstant) {
        let rate = min(wanted, ceiling)
        guard rate > estimate, queue.count < CongestionLimits.probeClusters else { return settle() }
        lastID = lastID == .max ? 1 : lastID + 1
        queue.append(ProbeCluster(id: lastID, rate: rate, requestedAt: now))
        lastProbeAt = now
        stage = .awaiting(worth: rate * Self.worth, until: now + Self.resultTimeout)
    }
}
