internal import LiveKitCore
internal import LiveKitProtobuf

// Which agents a room wants, and what becomes of their jobs.

extension RoomState {
    /// The dispatches that a room is made with. Where none is asked for, agents that have no name are, as in LiveKit;
    /// one that cannot be is left out, and does not make room for those.
    mutating func makeDispatches(_ wanted: [Livekit_RoomAgentDispatch], now: MediaInstant) {
        for one in wanted.isEmpty ? [Livekit_RoomAgentDispatch()] : wanted {
            guard AgentBounds.allows(deployment: one.deployment) else {
                emit(.notice(.dispatchRefused(agent: one.agentName)))
                continue
            }
            var dispatch = Livekit_AgentDispatch()
            dispatch.agentName = one.agentName
            dispatch.metadata = one.metadata
            dispatch.restartPolicy = one.restartPolicy
            dispatch.deployment = one.deployment
            dispatch.attributes = one.attributes
            _ = addDispatch(dispatch, now: now)
        }
    }

    /// Asks an agent in: for the room, and for everybody who is here. `nil` when there are too many.
    mutating func addDispatch(_ wanted: Livekit_AgentDispatch, now: MediaInstant) -> Livekit_AgentDispatch? {
        guard agents.dispatches.count < AgentBounds.dispatches else { return nil }
        var dispatch = wanted
        dispatch.id = makeIdentifier("AD_")
        dispatch.room = info.name
        dispatch.state.createdAt = unixMilliseconds(now) &* 1_000_000
        agents.dispatches.append(dispatch)
        launch(.jtRoom, for: dispatch, about: nil)
        for sid in order {
            launch(.jtParticipant, for: dispatch, about: sid)
            if participants[sid]?.isPublisher == true { launch(.jtPublisher, for: dispatch, about: sid) }
        }
        return dispatch
    }

    /// Takes a dispatch back: its jobs end, and their agents leave. `nil` for one that does not exist.
    mutating func deleteDispatch(_ id: String, now: MediaInstant) -> Livekit_AgentDispatch? {
        guard let index = agents.dispatches.firstIndex(where: { $0.id == id }) else { return nil }
        var dispatch = agents.dispatches.remove(at: index)
        emit(.agents(.withdrawDispatch(id)))
        let running = dispatch.state.jobs.filter { $0.state.endedAt == 0 }
        if !running.isEmpty { emit(.agents(.terminate(running, .jsrDispatchDeleted))) }
        for job in running {
            agents.departures[job.state.participantIdentity] = now + AgentBounds.departure
        }
        dispatch.state.deletedAt = unixMilliseconds(now) &* 1_000_000
        return dispatch
    }

    /// Launches the jobs of all dispatches about one participant.
    mutating func launchAgents(_ type: Livekit_JobType, about sid: ParticipantSID) {
        if type == .jtPublisher {
            guard agents.publishers.insert(sid).inserted else { return }
        }
        for dispatch in agents.dispatches { launch(type, for: dispatch, about: sid) }
    }

    private mutating func launch(
        _ type: Livekit_JobType, for dispatch: Livekit_AgentDispatch, about sid: ParticipantSID?
    ) {
        var dispatch = dispatch
        // The job needs to know where it comes from, not what else came of it.
        dispatch.clearState()
        var request = AgentJobRequest(dispatch: dispatch, type: type, room: currentInfo)
        if let sid {
            guard let participant = participants[sid], !participant.isDependent else { return }
            request.participant = participant.info
        }
        emit(.agents(.launch(request)))
    }

    /// Somebody left: jobs about him that nobody took are withdrawn; if it was an agent, its job ends.
    mutating func endAgents(of participant: RoomParticipant) {
        agents.publishers.remove(participant.sid)
        agents.departures[participant.identity] = nil
        if !participant.isDependent {
            emit(.agents(.withdrawParticipant(sid, identity: participant.identity)))
        }
        guard let job = agents.job(of: participant.identity) else { return }
        emit(.agents(.agentLeft(job, mayRestart: agents.mayRestart(job))))
    }

    /// The room ends, and all its jobs.
    mutating func endAllAgents(now: MediaInstant) {
        for dispatch in agents.dispatches {
            emit(.agents(.withdrawDispatch(dispatch.id)))
            let running = dispatch.state.jobs.filter { $0.state.endedAt == 0 }
            guard !running.isEmpty else { continue }
            emit(.agents(.terminate(running, .jsrRoomClosed)))
            for job in running { announce(.agentJobEnded, ended(job, now: now)) }
        }
        agents = RoomAgents()
    }

    /// A job as it is after the end of its room. The pool ends it in the same way, when nobody is left to be told.
    private func ended(_ job: Livekit_Job, now: MediaInstant) -> Livekit_Job {
        var job = job
        job.state.status = .jsSuccess
        job.state.reason = .jsrRoomClosed
        job.state.endedAt = unixMilliseconds(now) &* 1_000_000
        job.state.updatedAt = job.state.endedAt
        return job
    }

    /// What became of a job of this room.
    mutating func jobChanged(_ told: Livekit_Job, _ change: AgentJobChange, now: MediaInstant) {
        let wasEnded = agents.hasEnded(told)
        let known = agents.record(told)
        let job = known ?? told
        let identity = job.state.participantIdentity
        switch change {
        case .assigned:
            // Its dispatch may have been deleted while the worker answered.
            guard known != nil else { return emit(.agents(.terminate([job], .jsrDispatchDeleted))) }
            if !wasEnded { agents.jobByIdentity[identity] = job.id }
            announce(.agentJobStarted, job)
        case .updated:
            if known != nil, !wasEnded, !identity.isEmpty { agents.jobByIdentity[identity] = job.id }
        case .orphaned:
            if !wasEnded { relaunchUnlessAlive(job, now: now) }
        case .ended:
            if agents.jobByIdentity[identity] == job.id { agents.jobByIdentity[identity] = nil }
            if !wasEnded { announce(.agentJobEnded, job) }
        }
    }

    /// A worker's socket is gone. Where its agent still stands, the job goes on; else another worker takes over.
    private mutating func relaunchUnlessAlive(_ job: Livekit_Job, now: MediaInstant) {
        let agent = sidByIdentity[job.state.participantIdentity].flatMap { participants[$0] }
        if let agent, agent.kind == .agent, agent.signalLostAt == nil { return }
        agents.jobByIdentity[job.state.participantIdentity] = nil
        if let agent, agent.kind == .agent { remove(agent.sid, reason: .signalClose, leave: nil, now: now) }
        emit(.agents(.agentLeft(job, mayRestart: agents.mayRestart(job))))
    }

    /// Shows out agents that stay after their job was ended.
    mutating func removeDepartedAgents(now: MediaInstant) {
        for (identity, until) in agents.departures where now >= until {
            agents.departures[identity] = nil
            guard let sid = sidByIdentity[identity], participants[sid]?.kind == .agent else { continue }
            remove(sid, reason: .participantRemoved, leave: .disconnect, now: now)
        }
    }

    private mutating func announce(_ name: WebhookEventName, _ job: Livekit_Job) {
        var event = Livekit_WebhookEvent()
        event.event = name.rawValue
        event.room = currentInfo
        event.job = job
        emit(.webhook(event))
    }
}
