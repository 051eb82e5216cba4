internal import LiveKitProtobuf

/// What a room's node writes down of it.
struct RoomRecord: Equatable, Sendable {
    var room = Livekit_Room()
    var details = Livekit_RoomInternal()
    /// By identity.
    var participants: [String: Livekit_ParticipantInfo] = [:]
    /// By ID, without their jobs.
    var dispatches: [String: Livekit_AgentDispatch] = [:]
    /// By ID, without their room, and with no more of whom they are about than the identity.
    var jobs: [String: Livekit_Job] = [:]

    init() {}

    init(_ state: RoomState) {
        room = state.currentInfo
        for participant in state.participants.values { participants[participant.identity] = participant.info }
        for var dispatch in state.agents.dispatches {
            for var job in dispatch.state.jobs {
                job.clearRoom()
                if job.hasParticipant {
                    let identity = job.participant.identity
                    job.participant = Livekit_ParticipantInfo()
                    job.participant.identity = identity
                }
                jobs[job.id] = job
            }
            dispatch.state.jobs = []
            dispatches[dispatch.id] = dispatch
            details.agentDispatches.append(Livekit_RoomAgentDispatch(of: dispatch))
        }
    }
}

extension Livekit_RoomAgentDispatch {
    fileprivate init(of dispatch: Livekit_AgentDispatch) {
        self.init()
        agentName = dispatch.agentName
        metadata = dispatch.metadata
        restartPolicy = dispatch.restartPolicy
        deployment = dispatch.deployment
        attributes = dispatch.attributes
    }
}
