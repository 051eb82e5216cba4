internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Decides which of this node's workers does which job.
///
/// A machine on given time: it owns no socket and signs no token. Workers come, say how busy they are and go; nodes of
/// rooms ask for workers and end jobs; a job is offered to one worker after the other until one takes it.
struct AgentPool: Sendable {
    enum Effect: Sendable {
        /// Sends a message to a worker.
        case send(worker: String, Livekit_ServerMessage.OneOf_Message)
        /// Makes the token that the worker asked for, and sends it with the job.
        case assign(AgentWorker, Livekit_Job, Livekit_AvailabilityResponse)
        /// Answers whoever asked for a worker.
        case answer(jobID: String, Result<Livekit_JobState, RPCError>)
        /// Tells the node of the job's room.
        case report(Livekit_Job, AgentJobChange)
        /// A job is here no more.
        case forgot(jobID: String)
        /// The first worker of a topic came, or the last one went.
        case opened([String])
        case closed([String])
        /// Somebody takes jobs who did not before.
        case workersChanged
    }

    private(set) var workers: [String: AgentWorker] = [:]
    /// How many workers are found under each topic.
    private var topics: [[String]: Int] = [:]
    var jobs: [String: AgentJob] = [:]
    private var effects: [Effect] = []
    private var random: DeterministicRandom
    /// Unix time in nanoseconds at ``MediaInstant/start``.
    private let unixNanosecondsAtStart: Int64
    /// Nobody is asked while every worker that could be has this load or more (`agents.target_load`).
    private let targetLoad: Float

    init(unixNanosecondsAtStart: Int64, targetLoad: Float = 0.7, random: DeterministicRandom) {
        self.targetLoad = targetLoad
        self.unixNanosecondsAtStart = unixNanosecondsAtStart
        self.random = random
    }

    /// What was decided since the last call, in order.
    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    mutating func emit(_ effect: Effect) { effects.append(effect) }

    // MARK: Workers

    /// A worker has registered.
    mutating func add(_ worker: AgentWorker) {
        guard workers.count < AgentBounds.workers else { return }
        workers[worker.id] = worker
        topics[worker.topic, default: 0] += 1
        if topics[worker.topic] == 1 { emit(.opened(worker.topic)) }
        emit(.workersChanged)
    }

    /// A worker's socket is gone. What it was asked is asked of others; what it runs may find it again.
    mutating func remove(worker id: String, now: MediaInstant) {
        guard let worker = workers.removeValue(forKey: id) else { return }
        topics[worker.topic, default: 1] -= 1
        if topics[worker.topic] == 0 {
            topics[worker.topic] = nil
            emit(.closed(worker.topic))
        }
        for (jobID, job) in jobs where job.worker == id {
            switch job.phase {
            case .offered: offer(jobID, now: now)
            case .running: jobs[jobID]?.phase = .orphaned(since: now)
            case .leaving(_, let until): jobs[jobID]?.phase = .leaving(worker: nil, until: until)
            case .unoffered, .orphaned, .detached: break
            }
        }
    }

    /// A registered worker's message. Pings are answered where the socket is.
    mutating func receive(_ message: Livekit_WorkerMessage.OneOf_Message, from id: String, now: MediaInstant) {
        guard let worker = workers[id] else { return }
        switch message {
        case .availability(let response): answer(response, from: worker, now: now)
        case .updateJob(let update): self.update(update, from: id, now: now)
        case .updateWorker(let status):
            workers[id]?.update(status)
            if let updated = workers[id], takesMore(updated), !takesMore(worker) { emit(.workersChanged) }
        case .migrateJob(let request):
            // Its socket was gone, its jobs were not.
            for jobID in request.jobIds { adopt(jobID, by: id) }
        case .simulateJob(let request): simulate(request, on: worker, now: now)
        case .register, .ping: break
        }
    }

    private func takesMore(_ worker: AgentWorker) -> Bool { worker.isAvailable && worker.load < targetLoad }

    private mutating func simulate(_ request: Livekit_SimulateJobRequest, on worker: AgentWorker, now: MediaInstant) {
        guard jobs.count < AgentBounds.jobs else { return }
        var dispatch = Livekit_AgentDispatch()
        dispatch.agentName = worker.agentName
        dispatch.deployment = worker.deployment
        // Whatever the worker does otherwise, and whatever type the request says, as in LiveKit.
        let simulated = AgentJobRequest(
            dispatch: dispatch, type: request.hasParticipant ? .jtPublisher : .jtRoom, room: request.room,
            participant: request.hasParticipant ? request.participant : nil)
        let job = Livekit_Job(
            simulated, id: AgentIdentifier.job(using: &random), namespace: worker.namespace)
        jobs[job.id] = AgentJob(job, patience: now + AgentBounds.patience, onlyWorker: worker.id)
        offer(job.id, now: now)
    }

    // MARK: What other nodes ask

    /// What workers there are.
    var enabled: Rpc_CheckEnabledResponse {
        var response = Rpc_CheckEnabledResponse()
        response.namespaces = Set(workers.values.map(\.namespace)).sorted()
        response.agentNames = Set(workers.values.map(\.agentName)).sorted()
        let types = Set(workers.values.map(\.type))
        response.roomEnabled = types.contains(.jtRoom)
        response.publisherEnabled = types.contains(.jtPublisher)
        response.participantEnabled = types.contains(.jtParticipant)
        return response
    }

    /// How much this node would like a job: the load that its workers may still take. livekit-server's `JobRequestAffinity`.
    func affinity(for job: Livekit_Job) -> Float {
        workers.values.filter { $0.takes(job) && $0.isAvailable }.reduce(0) { $0 + max(0, targetLoad - $1.load) }
    }

    /// Offers a job to workers, and answers by ``Effect/answer(jobID:_:)`` whether one took it. An answer is of no
    /// use once the patience with it is over.
    mutating func take(_ job: Livekit_Job, patience: MediaInstant, now: MediaInstant) {
        switch jobs[job.id]?.phase {
        case nil, .orphaned, .detached: break
        case .unoffered, .offered, .running, .leaving:
            return emit(.answer(jobID: job.id, .failure(RPCError(.alreadyExists, "duplicate job assignment"))))
        }
        guard jobs.count < AgentBounds.jobs else {
            return emit(.answer(jobID: job.id, .failure(RPCError(.resourceExhausted, "too many jobs"))))
        }
        jobs[job.id] = AgentJob(job, patience: patience)
        offer(job.id, now: now)
    }

    /// Asks the next worker, drawn by weight; without one nobody here takes the job.
    mutating func offer(_ id: String, now: MediaInstant) {
        guard let job = jobs[id] else { return }
        let candidates = workers.values.filter { job.fits($0) && !job.refusals.contains($0.id) && $0.weight > 0 }
            .sorted { $0.id < $1.id }
        guard candidates.contains(where: takesMore), let worker = draw(candidates) else {
            return refuse(id, RPCError(.resourceExhausted, "no workers available"))
        }
        jobs[id]?.phase = .offered(worker: worker.id, until: min(job.patience, now + AgentBounds.availability))
        var request = Livekit_AvailabilityRequest()
        request.job = job.job
        request.resuming = job.isResuming
        emit(.send(worker: worker.id, .availability(request)))
    }

    private mutating func draw(_ candidates: [AgentWorker]) -> AgentWorker? {
        let sum = candidates.reduce(0) { $0 + $1.weight }
        guard sum > 0 else { return nil }
        var rest = Float.random(in: 0..<sum, using: &random)
        for candidate in candidates {
            rest -= candidate.weight
            if rest < 0 { return candidate }
        }
        return candidates.last
    }

    func unixNanoseconds(_ now: MediaInstant) -> Int64 { unixNanosecondsAtStart &+ now.nanoseconds }
}
