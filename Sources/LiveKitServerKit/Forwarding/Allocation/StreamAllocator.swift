internal import LiveKitCore
internal import LiveKitRTC

/// Decides which layer of each video track a subscriber is sent, so that all together fit the path to it.
///
/// A machine of no timers: it is asked at each beat, and when what it knows changed. While nothing is known of the path it
/// carries everything. After that:
///
/// ```
///             short for half a second, or by half: layers are taken, low priorities first
///   STABLE ─────────────────────────────────────────────────────────────────────────────► DEFICIENT
///      ▲                                                                                       │
///      └── the path carries more, proven by a probe, and the wait is over: layers come back ───┘
/// ```
///
/// What is taken comes back three seconds later at the earliest. Where it has to be taken again soon the next wait is half
/// as long again, up to two minutes. The lowest layer always flows, unless tracks may be paused.
///
/// The facts are those of LiveKit's stream allocator: priorities, the goal of probes, the waits between them.
struct StreamAllocator {
    struct Configuration: Hashable, Sendable {
        /// Whether a track may get nothing at all (`rtc.congestion_control.allow_pause`).
        var allowsPause = false
        /// A probe aims at this share of what a layer needs more (`stream_allocator.probe_overage_pct`)…
        var probeOverage = 1.2
        /// … or at this much more, if that is greater (`stream_allocator.probe_min_bps`).
        var leastProbe = Bitrate.kilobits(200)
        /// The path is believed to carry this in any case (`stream_allocator.min_channel_capacity`).
        var leastCapacity = Bitrate.zero
        /// A track stays paused for so long at least (`stream_allocator.paused_min_wait`).
        var leastPause: MediaDuration = .seconds(5)
    }

    /// Whether all get what they want of what there is.
    enum State: Hashable { case stable, deficient }

    /// What a track is sent.
    enum Target: Hashable {
        /// Layers up to this one.
        case layer(Int)
        /// Nothing, for want of bandwidth.
        case paused
    }

    struct Change: Hashable {
        var track: TrackSID
        var target: Target
    }

    private struct Held {
        var target: Target
        var pausedAt: MediaInstant?
        /// Muted, disabled, or not sent by its publisher: what it is sent once it flows again is decided then.
        var isDormant: Bool
    }

    /// A shortage this short may be a misjudgement, which a probe corrects.
    private static let patience: MediaDuration = .milliseconds(500)
    /// A shortage this large is believed at once.
    private static let severe = 1.5
    private static let firstWait: MediaDuration = .seconds(3)
    private static let longestWait: MediaDuration = .seconds(120)
    /// What came back and lasts for so long was right.
    private static let provingTime: MediaDuration = .seconds(30)

    private let configuration: Configuration
    private(set) var state = State.stable
    /// What is sent takes so much, as far as it was measured.
    private(set) var usage = Bitrate.zero
    /// What must be proven to get through before the next layer comes back; `nil` while there is nothing to prove.
    private(set) var probeGoal: Bitrate?

    private var estimate: Bitrate?
    private var override: Bitrate?
    private var held: [TrackSID: Held] = [:]
    private var shortSince: MediaInstant?
    private var raiseAt: MediaInstant?
    private var raisedAt: MediaInstant?
    private var wait = firstWait

    init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// What the path is believed to carry; `nil` without a limit.
    var capacity: Bitrate? { override ?? estimate.map { max($0, configuration.leastCapacity) } }

    // MARK: Events

    /// Takes what congestion control knows of the path; `nil` while that is nothing.
    mutating func setEstimate(_ estimate: Bitrate?) { self.estimate = estimate }

    /// Puts another capacity in the place of the estimate, until it is `nil` again.
    mutating func overrideCapacity(_ capacity: Bitrate?) {
        guard capacity != override else { return }
        override = capacity
        // Somebody asked for it: nothing has to prove itself.
        raiseAt = nil
        wait = Self.firstWait
    }

    /// Decides anew. Tracks that are not among the demands are forgotten.
    ///
    /// - Returns: The tracks whose target is another one than before; what is new always is.
    mutating func allocate(_ demands: [StreamDemand], now: MediaInstant) -> [Change] {
        let flowing = demands.filter(\.isFlowing)
        var targets: [TrackSID: Target] = [:]
        for demand in demands { targets[demand.track] = .layer(demand.wanted) }
        if let capacity {
            let plan = makePlan(flowing, capacity: capacity, now: now)
            for entry in plan.entries where !entry.isIdle {
                targets[entry.demand.track] = entry.layer.map { .layer($0) } ?? .paused
            }
            note(plan, now: now)
        } else {
            state = .stable
            probeGoal = nil
            shortSince = nil
            usage = flowing.reduce(.zero) { $0 + ($1.usable.last?.bitrate ?? .zero) }
        }
        return take(targets, of: demands, now: now)
    }

    // MARK: Deciding

    private mutating func makePlan(_ flowing: [StreamDemand], capacity: Bitrate, now: MediaInstant) -> AllocationPlan {
        let mayRaise = raiseAt.map { $0 <= now } ?? true
        let entries = flowing.map { demand in
            let before = held[demand.track].flatMap { $0.isDormant ? nil : $0 }
            var layer: Int?
            if case .layer(let held) = before?.target { layer = min(held, demand.wanted) }
            let rested = before?.pausedAt.map { now - $0 >= configuration.leastPause } ?? true
            return AllocationPlan.Entry(
                demand, held: layer, isNew: before == nil, mayResume: rested && mayRaise)
        }
        let taken = entries.reduce(.zero) { $0 + $1.heldBitrate }
        return AllocationPlan(
            entries,
            AllocationPlan.Rules(
                budget: capacity, mayTake: !isPatient(taken, capacity: capacity, now: now), mayRaise: mayRaise,
                mayPause: configuration.allowsPause))
    }

    /// Whether a shortage is too young and too small to be believed.
    private mutating func isPatient(_ taken: Bitrate, capacity: Bitrate, now: MediaInstant) -> Bool {
        guard taken > capacity * AllocationPlan.tolerance else {
            shortSince = nil
            return false
        }
        let since = shortSince ?? now
        shortSince = since
        return now - since < Self.patience && taken <= capacity * Self.severe
    }

    private mutating func note(_ plan: AllocationPlan, now: MediaInstant) {
        usage = plan.used
        state = plan.entries.contains(where: \.isDeficient) ? .deficient : .stable
        let known = plan.entries.filter { !$0.isNew && !$0.isIdle }
        if known.contains(where: { $0.layer ?? -1 < $0.heldLayer ?? -1 }) {
            let isRelapse = raisedAt.map { now - $0 < Self.provingTime } ?? false
            wait = isRelapse ? min(wait * 3 / 2, Self.longestWait) : Self.firstWait
            raiseAt = now + wait
            raisedAt = nil
            shortSince = nil
        } else if known.contains(where: { $0.layer ?? -1 > $0.heldLayer ?? -1 }) {
            raisedAt = now
        }
        probeGoal = nil
        guard override == nil, raiseAt.map({ $0 <= now }) ?? true, let missing = plan.missing else { return }
        probeGoal = plan.used + max(missing * configuration.probeOverage, configuration.leastProbe)
    }

    private mutating func take(
        _ targets: [TrackSID: Target], of demands: [StreamDemand], now: MediaInstant
    ) -> [Change] {
        var changes: [Change] = []
        var next: [TrackSID: Held] = [:]
        for demand in demands {
            guard let target = targets[demand.track] else { continue }
            let before = held[demand.track]
            if before?.target != target { changes.append(Change(track: demand.track, target: target)) }
            let pausedAt = target == .paused ? before?.pausedAt ?? now : nil
            next[demand.track] = Held(
                target: target, pausedAt: pausedAt, isDormant: !demand.isFlowing || demand.usable.isEmpty)
        }
        held = next
        return changes
    }
}
