internal import LiveKitCore
internal import LiveKitProtobuf

// A job between a worker's answer and its end.

extension AgentPool {
    mutating func answer(_ response: Livekit_AvailabilityResponse, from worker: AgentWorker, now: MediaInstant) {
        guard case .offered(worker.id, _) = jobs[response.jobID]?.phase else { return }
        if response.terminate {
            return end(response.jobID, .jsSuccess, now: now)
        }
        guard response.available else {
            jobs[response.jobID]?.refusals.insert(worker.id)
            return offer(response.jobID, now: now)
        }
        guard var job = jobs[response.jobID] else { return }
        var response = response
        // SDKs name their participant; one that does not gets LiveKit's usual name.
        if response.participantIdentity.isEmpty { response.participantIdentity = "agent-" + job.job.id }
        job.phase = .running(worker: worker.id)
        job.takesAnyNamespace = false
        job.refusals = []
        job.job.namespace = worker.namespace
        job.job.state.status = .jsRunning
        job.job.state.workerID = worker.id
        job.job.state.participantIdentity = response.participantIdentity
        job.job.state.updatedAt = unixNanoseconds(now)
        if job.job.state.startedAt == 0 { job.job.state.startedAt = job.job.state.updatedAt }
        jobs[job.job.id] = job
        emit(.assign(worker, job.job, response))
        emit(.report(job.job, job.isResuming ? .updated : .assigned))
    }

    mutating func update(_ update: Livekit_UpdateJobStatus, from worker: String, now: MediaInstant) {
        adopt(update.jobID, by: worker)
        guard let job = jobs[update.jobID], job.worker == worker, !job.isUnclaimed else { return }
        if case .offered = job.phase { return }
        switch update.status {
        case .jsSuccess, .jsFailed, .jsCancelled:
            end(update.jobID, update.status, error: update.error, now: now)
        case .jsPending, .jsRunning, .UNRECOGNIZED:
            var state = job.job.state
            state.status = update.status
            state.error = update.error
            report(update.jobID, state, now: now)
        }
    }

    /// A worker goes on with a job whose former socket is gone.
    mutating func adopt(_ id: String, by worker: String) {
        switch jobs[id]?.phase {
        case .orphaned, .detached:
            jobs[id]?.phase = .running(worker: worker)
            jobs[id]?.job.state.workerID = worker
        case .waiting, .offered, .running, .leaving, nil:
            break
        }
    }

    /// Ends a job from above.
    mutating func terminate(_ id: String, _ reason: Livekit_JobStateReason, now: MediaInstant) {
        guard let job = jobs[id] else { return }
        guard !job.isUnclaimed else { return jobs[id] = nil }
        if let worker = job.worker {
            var termination = Livekit_JobTermination()
            termination.jobID = id
            emit(.send(worker: worker, .termination(termination)))
        }
        jobs[id]?.job.state.reason = reason
        end(id, .jsSuccess, now: now)
    }

    /// Offers a job again whose worker is gone.
    mutating func relaunch(_ id: String, now: MediaInstant) {
        switch jobs[id]?.phase {
        case .orphaned, .detached: break
        case .waiting, .offered, .running, .leaving, nil: return
        }
        guard let job = jobs[id], job.restartsOnFailure else {
            return end(id, .jsFailed, error: "the agent's worker is gone", now: now)
        }
        jobs[id]?.isResuming = true
        jobs[id]?.refusals = []
        var state = job.job.state
        state.status = .jsPending
        state.workerID = ""
        state.reason = .jsrRetrying
        report(id, state, now: now)
        offer(id, now: now)
    }

    /// Keeps a job's new state, and tells its room.
    private mutating func report(_ id: String, _ state: Livekit_JobState, now: MediaInstant) {
        guard var job = jobs[id]?.job else { return }
        job.state = state
        job.state.updatedAt = unixNanoseconds(now)
        jobs[id]?.job = job
        emit(.report(job, .updated))
    }

    private mutating func end(_ id: String, _ status: Livekit_JobStatus, error: String = "", now: MediaInstant) {
        guard var job = jobs.removeValue(forKey: id)?.job else { return }
        job.state.status = status
        job.state.error = error
        job.state.updatedAt = unixNanoseconds(now)
        job.state.endedAt = job.state.updatedAt
        if job.state.startedAt == 0 { job.state.startedAt = job.state.endedAt }
        emit(.report(job, .ended))
    }

    // MARK: Time

    /// Carries out whatever is due. Calls too early or too often are harmless.
    mutating func handleTimeout(now: MediaInstant) {
        for (id, job) in jobs {
            switch job.phase {
            case .waiting(let since) where now - since >= AgentBounds.patience:
                giveUp(id, now: now)
            case .offered(let worker, let until) where now >= until:
                jobs[id]?.refusals.insert(worker)
                offer(id, now: now)
            case .orphaned(let since) where now - since >= AgentBounds.absence:
                // Not twice: the room answers by a relaunch, or leaves the job to its agent.
                jobs[id]?.phase = .detached
                emit(.report(job.job, .orphaned))
            case .leaving(let worker, let until) where now >= until:
                if let worker {
                    var termination = Livekit_JobTermination()
                    termination.jobID = id
                    emit(.send(worker: worker, .termination(termination)))
                }
                end(id, .jsFailed, error: "agent worker left the room", now: now)
            case .waiting, .offered, .running, .orphaned, .detached, .leaving:
                break
            }
        }
    }

    private mutating func giveUp(_ id: String, now: MediaInstant) {
        emit(.dropped)
        guard jobs[id]?.isResuming == true else { return jobs[id] = nil }
        jobs[id]?.job.state.reason = .jsrNoCapacity
        end(id, .jsFailed, error: "no worker takes the job", now: now)
    }
}
