internal import LiveKitCore
internal import LiveKitProtobuf

/// A room's dispatches, and the jobs that came of them.
struct RoomAgents: Sendable {
    /// In the order in which they were made; each has its jobs in its state.
    var dispatches: [Livekit_AgentDispatch] = []
    /// Jobs that run, by the identity of their agent.
    var jobByIdentity: [String: String] = [:]
    /// Who had its first track started, for which publisher jobs are launched once.
    var publishers: Set<ParticipantSID> = []
    /// Agents whose job was ended from above, and when they are shown out.
    var departures: [String: MediaInstant] = [:]

    /// Remembers a job's state in its dispatch; one that has ended stays so. Returns the job as it is known here, and
    /// `nil` for a dispatch that is gone.
    mutating func record(_ job: Livekit_Job) -> Livekit_Job? {
        guard let index = dispatches.firstIndex(where: { $0.id == job.dispatchID }) else { return nil }
        var known = job
        if let place = dispatches[index].state.jobs.firstIndex(where: { $0.id == job.id }) {
            known = dispatches[index].state.jobs[place]
            if known.state.endedAt == 0 { known.state = job.state }
            dispatches[index].state.jobs[place] = known
        } else {
            dispatches[index].state.jobs.append(job)
        }
        if dispatches[index].state.jobs.count > AgentBounds.rememberedJobs,
            let ended = dispatches[index].state.jobs.firstIndex(where: { $0.state.endedAt > 0 })
        {
            dispatches[index].state.jobs.remove(at: ended)
        }
        return known
    }

    /// Whether the end of a job is known.
    func hasEnded(_ job: Livekit_Job) -> Bool {
        dispatches.first { $0.id == job.dispatchID }?.state.jobs.first { $0.id == job.id }?.state.endedAt ?? 0 > 0
    }

    /// The job that an agent of this identity does.
    func job(of identity: String) -> Livekit_Job? {
        guard let id = jobByIdentity[identity] else { return nil }
        return dispatches.lazy.flatMap(\.state.jobs).first { $0.id == id }
    }

    /// Whether somebody else may do a job if its worker is gone.
    func mayRestart(_ job: Livekit_Job) -> Bool {
        dispatches.first { $0.id == job.dispatchID }.map { $0.restartPolicy != .jrpNever } ?? false
    }
}
