internal import LiveKitCore
internal import LiveKitProtobuf

/// Decides which worker does which job.
///
/// A machine on given time: it owns no socket and signs no token. Workers come, say how busy they are and go; rooms
/// launch and end jobs; a job is offered to one worker after the other until one takes it.
struct AgentPool: Sendable {
    enum Effect: Sendable {
        /// Sends a message to a worker.
        case send(worker: String, Livekit_ServerMessage.OneOf_Message)
        /// Makes the token that the worker asked for, and sends it with the job.
        case assign(AgentWorker, Livekit_Job, Livekit_AvailabilityResponse)
        /// Tells the job's room.
        case report(Livekit_Job, AgentJobChange)
        /// A job that nobody took, or for which there was no place.
        case dropped
    }

    private(set) var workers: [String: AgentWorker] = [:]
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

    /// A worker has registered. Jobs that waited for one like it are offered.
    mutating func add(_ worker: AgentWorker, now: MediaInstant) {
        guard workers.count < AgentBounds.workers else { return }
        workers[worker.id] = worker
        offerWaiting(to: worker, now: now)
    }

    /// A worker's socket is gone. What it was asked is asked of others; what it runs may find it again.
    mutating func remove(worker id: String, now: MediaInstant) {
        guard workers.removeValue(forKey: id) != nil else { return }
        for (jobID, job) in jobs where job.worker == id {
            switch job.phase {
            case .offered: offer(jobID, now: now)
            case .running: jobs[jobID]?.phase = .orphaned(since: now)
            case .leaving(_, let until): jobs[jobID]?.phase = .leaving(worker: nil, until: until)
            case .waiting, .orphaned, .detached: break
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
            guard let updated = workers[id], takesMore(updated), !takesMore(worker) else { return }
            // What it refused while it was busy it may take now.
            for (jobID, job) in jobs where job.fits(updated) { jobs[jobID]?.refusals.remove(id) }
            offerWaiting(to: updated, now: now)
        case .migrateJob(let request):
            // Its socket was gone, its jobs were not.
            for jobID in request.jobIds { adopt(jobID, by: id) }
        case .simulateJob(let request): simulate(request, on: worker, now: now)
        case .register, .ping: break
        }
    }

    private func takesMore(_ worker: AgentWorker) -> Bool { worker.isAvailable && worker.load < targetLoad }

    private mutating func offerWaiting(to worker: AgentWorker, now: MediaInstant) {
        for (jobID, job) in jobs where job.fits(worker) {
            if case .waiting = job.phase { offer(jobID, now: now) }
        }
    }

    private mutating func simulate(_ request: Livekit_SimulateJobRequest, on worker: AgentWorker, now: MediaInstant) {
        var dispatch = Livekit_AgentDispatch()
        dispatch.agentName = worker.agentName
        dispatch.deployment = worker.deployment
        // Whatever the worker does otherwise, and whatever type the request says, as in LiveKit.
        let simulated = AgentJobRequest(
            dispatch: dispatch, type: request.hasParticipant ? .jtPublisher : .jtRoom, room: request.room,
            participant: request.hasParticipant ? request.participant : nil)
        guard let id = insert(simulated, namespace: worker.namespace, now: now) else { return }
        jobs[id]?.onlyWorker = worker.id
        offer(id, now: now)
    }

    // MARK: Jobs

    /// Carries out what a room wants.
    mutating func execute(_ command: AgentCommand, now: MediaInstant) {
        switch command {
        case .launch(let request): launch(request, now: now)
        case .terminate(let jobIDs, let reason):
            for id in jobIDs { terminate(id, reason, now: now) }
        case .withdrawDispatch(let dispatch):
            jobs = jobs.filter { !$0.value.isUnclaimed || $0.value.job.dispatchID != dispatch }
        case .withdrawParticipant(let room, let identity):
            jobs = jobs.filter { _, job in
                !job.isUnclaimed || job.job.room.sid != room.rawValue || job.job.participant.identity != identity
                    || !job.job.hasParticipant
            }
        case .agentLeft(let id):
            guard let job = jobs[id] else { return }
            if case .detached = job.phase { return relaunch(id, now: now) }
            guard case .running(let worker) = job.phase else { return }
            jobs[id]?.phase = .leaving(worker: worker, until: now + AgentBounds.lastWords)
        case .relaunch(let id): relaunch(id, now: now)
        }
    }

    /// One job for each namespace that has workers for it, as in LiveKit. Without any the job waits for one.
    private mutating func launch(_ request: AgentJobRequest, now: MediaInstant) {
        let kin = workers.values.filter {
            $0.agentName == request.dispatch.agentName && $0.deployment == request.dispatch.deployment
        }
        let namespaces = Set(kin.filter { $0.type == request.type }.map(\.namespace)).sorted()
        guard namespaces.isEmpty else {
            for namespace in namespaces {
                if let id = insert(request, namespace: namespace, now: now) { offer(id, now: now) }
            }
            return
        }
        // An agent that does jobs of another kind does not do this one.
        guard kin.isEmpty else { return }
        _ = insert(request, namespace: nil, now: now)
    }

    private mutating func insert(_ request: AgentJobRequest, namespace: String?, now: MediaInstant) -> String? {
        guard jobs.count < AgentBounds.jobs else {
            emit(.dropped)
            return nil
        }
        let id = makeIdentifier("AJ_")
        jobs[id] = AgentJob(request, id: id, namespace: namespace, now: now)
        return id
    }

    private mutating func makeIdentifier(_ prefix: String) -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return prefix + String((0..<12).map { _ in alphabet.randomElement(using: &random) ?? "A" })
    }

    /// Asks the next worker, drawn by weight; without one the job waits.
    mutating func offer(_ id: String, now: MediaInstant) {
        guard let job = jobs[id] else { return }
        let candidates = workers.values.filter { job.fits($0) && !job.refusals.contains($0.id) && $0.weight > 0 }
            .sorted { $0.id < $1.id }
        guard candidates.contains(where: takesMore), let worker = draw(candidates) else {
            if case .waiting = job.phase { return }
            jobs[id]?.phase = .waiting(since: now)
            return
        }
        jobs[id]?.phase = .offered(worker: worker.id, until: now + AgentBounds.availability)
        var request = Livekit_AvailabilityRequest()
        request.job = job.job
        request.job.namespace = worker.namespace
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
