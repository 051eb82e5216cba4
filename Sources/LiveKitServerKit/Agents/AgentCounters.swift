internal import Metrics

/// What became of jobs.
struct AgentCounters: Sendable {
    let dropped: ServerCounters.Count
    private let started: ServerCounters.Count
    private let ended: ServerCounters.Count
    private let orphaned: ServerCounters.Count

    init(_ factory: any MetricsFactory) {
        dropped = ServerCounters.Count("livekit_agent_jobs_dropped_total", factory)
        started = ServerCounters.Count("livekit_agent_jobs_started_total", factory)
        ended = ServerCounters.Count("livekit_agent_jobs_ended_total", factory)
        orphaned = ServerCounters.Count("livekit_agent_jobs_orphaned_total", factory)
    }

    func count(_ change: AgentJobChange) {
        switch change {
        case .assigned: started.increment()
        case .ended: ended.increment()
        case .orphaned: orphaned.increment()
        case .updated: break
        }
    }
}
