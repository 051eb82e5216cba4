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

    /// Remembers a job's state in its dispatch. Returns `false` for a dispatch that is gone.
    mutating func record(_ job: Livekit_Job) -> Bool {
        guard let index = dispatches.firstIndex(where: { $0.id == job.dispatchID }) else { return false }
        if let place = dispatches[index].state.jobs.firstIndex(where: { $0.id == job.id }) {
            dispatches[index].state.jobs[place] = job
        } else {
            dispatches[index].state.jobs.append(job)
        }
        if dispatches[index].state.jobs.count > AgentBounds.rememberedJobs,
            let ended = dispatches[index].state.jobs.firstIndex(where: { $0.state.endedAt > 0 })
        {
            dispatches[index].state.jobs.remove(at: ended)
        }
        return true
    }
}
