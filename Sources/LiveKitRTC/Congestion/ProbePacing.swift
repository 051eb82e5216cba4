internal import LiveKitCore

/// Paces the packets of probes: each leaves when those before it, at the probe's rate, would just have left.
struct ProbePacing: Sendable {
    private struct Active: Sendable {
        var probe: ProbeCluster
        var startedAt: MediaInstant?
        var packets = 0
        var bytes = 0
    }

    /// The most that one padding packet is asked to be.
    private static let largestPadding = 1200
    private static let smallestPadding = 100
    /// What leaves at once is about this long at the probe's rate.
    private static let step: MediaDuration = .milliseconds(2)
    /// A loop that is later than this has no probe to offer.
    private static let longestDelay: MediaDuration = .milliseconds(20)
    /// Media did not come in time; the request is out of date.
    private static let lifetime: MediaDuration = .seconds(5)
    /// Packets of this size make media enough for a probe to begin; audio is no such thing.
    private static let mediaSize = 200

    private var waiting: [ProbeCluster] = []
    private var active: Active?
    /// Whether media has come since the probe was asked for.
    private var hasMedia = false
    /// Nobody makes padding: a probe then is of media alone, and less exact.
    private var lacksPadding = false

    init() {
        waiting.reserveCapacity(CongestionLimits.probeClusters)
    }

    /// The probe that packets belong to now.
    var current: ProbeCluster? { active?.probe }

    mutating func append(_ probe: ProbeCluster) {
        guard waiting.count < CongestionLimits.probeClusters else { return }
        waiting.append(probe)
        activateNext()
    }

    mutating func noteMedia(byteCount: Int) {
        if byteCount >= Self.mediaSize { hasMedia = true }
    }

    /// When the next packet of a probe may leave; `nil` while none is to.
    var dueAt: MediaInstant? {
        guard let active, hasMedia else { return nil }
        guard let startedAt = active.startedAt else { return .start }
        return startedAt + active.probe.rate.duration(of: active.bytes)
    }

    /// Whether the first packet of a probe has left, and its last has not.
    var isRunning: Bool { active?.startedAt != nil }

    /// Whether the next packet must be a small one, so that its own time on the path does not hide the probe's
    /// (``ProbeEstimator``).
    var beginsWithPadding: Bool { !lacksPadding && active?.startedAt == nil }

    /// About how large the next packet of padding is to be.
    var paddingSize: Int {
        if beginsWithPadding { return Self.smallestPadding }
        let step = active?.probe.rate.byteCount(in: Self.step) ?? 0
        return min(max(step, Self.smallestPadding), Self.largestPadding)
    }

    /// The probe that media belongs to which leaves by itself; zero before the probe's first packet.
    var joinedCluster: UInt16 { active.flatMap { $0.startedAt == nil ? nil : $0.probe.id } ?? 0 }

    mutating func noteSent(byteCount: Int, now: MediaInstant) {
        guard var cluster = active else { return }
        cluster.startedAt = cluster.startedAt ?? now
        cluster.packets += 1
        cluster.bytes += byteCount
        active = cluster
        if cluster.packets >= ProbeCluster.minimumPackets, cluster.bytes >= cluster.probe.minimumBytes { endCurrent() }
    }

    /// Gives up what came too late.
    mutating func expire(now: MediaInstant) {
        while let cluster = active {
            let isLate = cluster.startedAt != nil && dueAt.map { now - $0 > Self.longestDelay } ?? false
            let isOld = cluster.startedAt == nil && now - cluster.probe.requestedAt > Self.lifetime
            guard isLate || isOld else { return }
            endCurrent()
        }
    }

    /// Padding was asked for, and cannot be made.
    mutating func refusePadding() {
        if active?.startedAt == nil, !lacksPadding {
            lacksPadding = true
        } else {
            endCurrent()
        }
    }

    private mutating func endCurrent() {
        active = nil
        activateNext()
    }

    private mutating func activateNext() {
        guard active == nil, !waiting.isEmpty else { return }
        active = Active(probe: waiting.removeFirst())
        hasMedia = false
    }
}
