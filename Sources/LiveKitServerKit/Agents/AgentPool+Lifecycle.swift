internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

// A job between a worker's answer and its end.

extension AgentPool {
    mutating func answer(_ response: Livekit_AvailabilityResponse, from worker: AgentWorker, now: MediaInstant) {
        guard case .offered(worker.id, _) = jobs[response.jobID]?.phase, var job = jobs[response.jobID] else { return }
        guard response.available || response.terminate else {
            jobs[response.jobID]?.refusals.insert(worker.id)
            return offer(response.jobID, now: now)
        }
        job.job.state.updatedAt = unixNanoseconds(now)
        if job.job.state.startedAt == 0 { job.job.state.startedAt = job.job.state.updatedAt }
        job.job.state.workerID = worker.id
        guard !response.terminate else {
            job.job.state.status = .jsSuccess
            job.job.state.endedAt = job.job.state.updatedAt
            emit(.answer(jobID: job.job.id, .success(job.job.state)))
            return forget(job.job.id)
        }
        var response = response
        // SDKs name their participant; one that does not gets LiveKit's usual name.
        if response.participantIdentity.isEmpty { response.participantIdentity = "agent-" + job.job.id }
        job.phase = .running(worker: worker.id)
        job.refusals = []
        job.job.state.status = .jsRunning
        job.job.state.participantIdentity = response.participantIdentity
        jobs[job.job.id] = job
        emit(.assign(worker, job.job, response))
        emit(.answer(jobID: job.job.id, .success(job.job.state)))
    }

    mutating func update(_ update: Livekit_UpdateJobStatus, from worker: String, now: MediaInstant) {
        adopt(update.jobID, by: worker)
        guard let job = jobs[update.jobID], job.worker == worker else { return }
        if case .offered = job.phase { return }
        var state = job.job.state
        state.status = update.status
        state.error = update.error
        state.updatedAt = unixNanoseconds(now)
        switch update.status {
        case .jsSuccess, .jsFailed, .jsCancelled:
            end(update.jobID, state)
        case .jsPending, .jsRunning, .UNRECOGNIZED:
            jobs[update.jobID]?.job.state = state
            emit(.report(jobs[update.jobID]?.job ?? job.job, .updated))
        }
    }

    /// A worker goes on with a job whose former socket is gone.
    mutating func adopt(_ id: String, by worker: String) {
        switch jobs[id]?.phase {
        case .orphaned, .detached:
            jobs[id]?.phase = .running(worker: worker)
            jobs[id]?.job.state.workerID = worker
            if let job = jobs[id]?.job { emit(.report(job, .updated)) }
        case .unoffered, .offered, .running, .leaving, nil:
            break
        }
    }

    /// Ends a job from above.
    ///
    /// - Returns: How it is now. Where its agent left the room, its worker may still say how it ended; without a worker it
    ///   is forgotten here, and may be done by somebody else.
    /// - Throws: `not_found` for a job that is not here.
    mutating func terminate(
        _ id: String, _ reason: Rpc_JobTerminateReason, now: MediaInstant
    ) throws(RPCError) -> Livekit_JobState {
        guard let job = jobs[id] else { throw RPCError(.notFound, "no worker for jobID") }
        var state = job.job.state
        switch (reason, job.phase) {
        case (_, .unoffered), (_, .offered):
            refuse(id, .requestCanceled)
        case (.agentLeftRoom, .running(let worker)):
            jobs[id]?.phase = .leaving(worker: worker, until: now + AgentBounds.lastWords)
            return state
        case (.agentLeftRoom, .leaving), (.agentLeftRoom, .orphaned):
            return state
        case (.agentLeftRoom, .detached):
            forget(id)
            state.status = .jsPending
            state.workerID = ""
            return state
        case (_, .running), (_, .leaving), (_, .orphaned), (_, .detached):
            if let worker = job.worker { tell(worker, toEnd: id) }
            forget(id)
        }
        state.status = .jsSuccess
        state.updatedAt = unixNanoseconds(now)
        state.endedAt = state.updatedAt
        return state
    }

    /// Nobody here takes a job that was asked for.
    mutating func refuse(_ id: String, _ error: RPCError) {
        emit(.answer(jobID: id, .failure(error)))
        forget(id)
    }

    private mutating func forget(_ id: String) {
        jobs[id] = nil
        emit(.forgot(jobID: id))
    }

    private mutating func tell(_ worker: String, toEnd id: String) {
        var termination = Livekit_JobTermination()
        termination.jobID = id
        emit(.send(worker: worker, .termination(termination)))
    }

    /// A job has ended here, and its room does not know yet.
    private mutating func end(_ id: String, _ state: Livekit_JobState) {
        guard var job = jobs[id]?.job else { return }
        job.state = state
        job.state.endedAt = state.updatedAt
        emit(.report(job, .ended))
        forget(id)
    }

    // MARK: Time

    /// Carries out whatever is due. Calls too early or too often are harmless.
    mutating func handleTimeout(now: MediaInstant) {
        for (id, job) in jobs {
            switch job.phase {
            case .offered(_, let until) where now >= until && now >= job.patience:
                refuse(id, .requestTimedOut)
            case .offered(let worker, let until) where now >= until:
                jobs[id]?.refusals.insert(worker)
                offer(id, now: now)
            case .orphaned(let since) where now - since >= AgentBounds.absence:
                // Not twice: the room ends it here, or leaves the job to its agent.
                jobs[id]?.phase = .detached(until: now + AgentBounds.memory)
                var told = job.job
                told.state.workerID = ""
                emit(.report(told, .orphaned))
            case .leaving(let worker, let until) where now >= until:
                if let worker { tell(worker, toEnd: id) }
                var state = job.job.state
                state.status = .jsFailed
                state.error = "agent worker left the room"
                state.updatedAt = unixNanoseconds(now)
                end(id, state)
            case .detached(let until) where now >= until:
                forget(id)
            case .unoffered, .offered, .running, .orphaned, .detached, .leaving:
                break
            }
        }
    }
}
