internal import Foundation
internal import LiveKitProtobuf

/// Measures this node for the others: what it counted, how its machine is, and how fast the counters grow.
actor NodeMeter {
    /// Over how long rates are taken. LiveKit's `stats_rate_measurement_intervals`.
    static let rateSeconds: Int64 = 10
    /// Measurements that are remembered: a rate's time at one each two seconds, and as many again for a slow machine.
    private static let history = 10

    private let totals: NodeTotals
    private let clock: ServerClock
    private let startedAt: Int64
    private var load: SystemLoad
    private var earlier: [Livekit_NodeStats] = []

    init(_ totals: NodeTotals, clock: ServerClock) {
        self.totals = totals
        self.clock = clock
        startedAt = clock.unixMilliseconds() / 1000
        load = .current()
    }

    func measure() -> Livekit_NodeStats {
        var stats = Livekit_NodeStats()
        stats.startedAt = startedAt
        stats.updatedAt = clock.unixMilliseconds() / 1000
        totals.write(to: &stats)
        let now = SystemLoad.current()
        stats.numCpus = UInt32(clamping: ProcessInfo.processInfo.activeProcessorCount)
        stats.cpuLoad = now.cpuLoad(since: load)
        stats.loadAvgLast1Min = now.averages[0]
        stats.loadAvgLast5Min = now.averages[1]
        stats.loadAvgLast15Min = now.averages[2]
        stats.memoryTotal = now.memory
        stats.memoryUsed = now.memory &- min(now.memory, now.availableMemory)
        load = now
        if let rate = Livekit_NodeStatsRate(until: stats, among: earlier) { stats.rates = [rate] }
        remember(stats)
        return stats
    }

    private func remember(_ stats: Livekit_NodeStats) {
        var stats = stats
        stats.rates = []
        earlier.append(stats)
        if earlier.count > Self.history { earlier.removeFirst() }
    }
}

extension Livekit_NodeStatsRate {
    /// The rates since the latest of the earlier measurements that is old enough; `nil` when none is.
    init?(until now: Livekit_NodeStats, among earlier: [Livekit_NodeStats]) {
        guard let then = earlier.last(where: { now.updatedAt - $0.updatedAt >= NodeMeter.rateSeconds }) else {
            return nil
        }
        self.init()
        startedAt = then.updatedAt
        endedAt = now.updatedAt
        duration = now.updatedAt - then.updatedAt
        let seconds = Float(duration)
        func rate(_ total: (Livekit_NodeStats) -> UInt64) -> Float { Float(total(now) &- total(then)) / seconds }
        bytesIn = rate { $0.bytesIn }
        bytesOut = rate { $0.bytesOut }
        packetsIn = rate { $0.packetsIn }
        packetsOut = rate { $0.packetsOut }
        retransmitBytesOut = rate { $0.retransmitBytesOut }
        retransmitPacketsOut = rate { $0.retransmitPacketsOut }
        nackTotal = rate { $0.nackTotal }
        participantSignalConnected = rate { $0.participantSignalConnected }
        participantRtcConnected = rate { $0.participantRtcConnected }
        // Each measurement's processor load is of the time before it.
        let span = earlier.filter { $0.updatedAt > then.updatedAt } + [now]
        func mean(_ value: (Livekit_NodeStats) -> Float) -> Float { span.map(value).reduce(0, +) / Float(span.count) }
        cpuLoad = mean(\.cpuLoad)
        memoryUsed = mean { Float($0.memoryUsed) }
        memoryTotal = mean { Float($0.memoryTotal) }
        memoryLoad = memoryTotal > 0 ? memoryUsed / memoryTotal : 0
    }
}
