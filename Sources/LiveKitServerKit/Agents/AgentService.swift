internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import Metrics

/// The workers that are connected and the jobs they do: an actor over an ``AgentPool``, which carries out what the
/// machine decides.
///
/// Rooms hand their commands over without waiting; what becomes of jobs is told to them in order.
actor AgentService {
    nonisolated let server: Livekit_ServerInfo
    private var pool: AgentPool
    private var outboxes: [String: AgentOutbox] = [:]
    private let tokens: TokenIssuer
    nonisolated private let clock: ServerClock
    private let logger: Logger
    nonisolated private let commands = AsyncStream.makeStream(
        of: AgentCommand.self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))
    private let reports = AsyncStream.makeStream(
        of: AgentReport.self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))
    nonisolated private let counters: AgentCounters

    private struct AgentReport {
        var job: Livekit_Job
        var change: AgentJobChange
    }

    init(
        joinResponse: JoinResponseTemplate, targetLoad: Double, tokens: TokenIssuer, clock: ServerClock, logger: Logger,
        metrics: any MetricsFactory
    ) {
        counters = AgentCounters(metrics)
        server = joinResponse.response.serverInfo
        self.tokens = tokens
        self.clock = clock
        self.logger = logger
        let unixNanoseconds = clock.unixMilliseconds() &* 1_000_000 &- clock.now().nanoseconds
        pool = AgentPool(
            unixNanosecondsAtStart: unixNanoseconds, targetLoad: Float(targetLoad),
            random: DeterministicRandom(seed: .random(in: .min ... .max)))
    }

    /// Queues what a room wants. Never waits; what finds the queue full is dropped and counted.
    nonisolated func perform(_ command: AgentCommand) {
        if case .dropped = commands.continuation.yield(command) { counters.dropped.increment() }
    }

    /// Serves until the task is cancelled; `report` tells a job's room what became of it.
    func run(_ report: @escaping @Sendable (Livekit_Job, AgentJobChange) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [reports] in
                for await one in reports.stream { await report(one.job, one.change) }
            }
            group.addTask { [commands] in
                for await command in commands.stream { await self.execute(command) }
            }
            while (try? await Task.sleep(for: AgentBounds.tickPeriod)) != nil {
                pool.handleTimeout(now: clock.now())
                apply()
            }
            group.cancelAll()
        }
    }

    // MARK: Workers

    /// Takes a worker in. The answer to its registration is in its outbox then.
    func register(
        _ request: Livekit_RegisterWorkerRequest, apiKey: String, outbox: AgentOutbox
    ) throws(AgentWorker.Refusal) -> String {
        let id = "AW_" + UUID().uuidString.filter { $0 != "-" }.prefix(12)
        let worker = try AgentWorker(id: id, apiKey: apiKey, request)
        outboxes[id] = outbox
        var response = Livekit_RegisterWorkerResponse()
        response.workerID = id
        response.serverInfo = server
        outbox.send(.register(response))
        logger.info(
            "worker registered",
            metadata: ["workerID": "\(id)", "agent": "\(worker.agentName)", "type": "\(worker.type)"])
        pool.add(worker, now: clock.now())
        apply()
        return id
    }

    func receive(_ message: Livekit_WorkerMessage.OneOf_Message, from id: String) {
        pool.receive(message, from: id, now: clock.now())
        apply()
    }

    func workerLeft(_ id: String) {
        outboxes.removeValue(forKey: id)?.finish()
        logger.info("worker left", metadata: ["workerID": "\(id)"])
        pool.remove(worker: id, now: clock.now())
        apply()
    }

    // MARK: Effects

    private func execute(_ command: AgentCommand) {
        pool.execute(command, now: clock.now())
        apply()
    }

    private func apply() {
        for effect in pool.takeEffects() {
            switch effect {
            case .send(let worker, let message):
                outboxes[worker]?.send(message)
            case .assign(let worker, let job, let response):
                assign(job, to: worker, response)
            case .report(let job, let change):
                counters.count(change)
                if case .dropped = reports.continuation.yield(AgentReport(job: job, change: change)) {
                    counters.dropped.increment()
                }
            case .dropped:
                counters.dropped.increment()
            }
        }
    }

    private func assign(_ job: Livekit_Job, to worker: AgentWorker, _ response: Livekit_AvailabilityResponse) {
        guard let token = tokens.token(for: worker, job: job, response) else {
            return logger.error("no token for a job", metadata: ["jobID": "\(job.id)", "workerID": "\(worker.id)"])
        }
        logger.info("job assigned", metadata: ["jobID": "\(job.id)", "workerID": "\(worker.id)"])
        var assignment = Livekit_JobAssignment()
        assignment.job = job
        assignment.token = token
        outboxes[worker.id]?.send(.assignment(assignment))
    }
}

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

extension TokenIssuer {
    /// The token with which a worker's agent joins its job's room.
    func token(for worker: AgentWorker, job: Livekit_Job, _ response: Livekit_AvailabilityResponse) -> String? {
        guard let secret = keys[worker.apiKey] else { return nil }
        var token = AccessToken(apiKey: worker.apiKey, apiSecret: secret, identity: response.participantIdentity)
        token.name = response.participantName
        token.metadata = response.participantMetadata
        token.attributes = response.participantAttributes
        token.attributes[Self.agentNameAttribute] = worker.agentName
        token.kind = .agent
        token.timeToLive = AgentBounds.tokenLife
        var grant = VideoGrant(
            room: job.room.name, roomJoin: true, canPublish: worker.permission.canPublish,
            canSubscribe: worker.permission.canSubscribe, canPublishData: worker.permission.canPublishData,
            canPublishSources: worker.permission.canPublishSources)
        grant.canUpdateOwnMetadata = worker.permission.canUpdateMetadata
        grant.canSubscribeMetrics = worker.permission.canSubscribeMetrics
        grant.hidden = worker.permission.hidden
        grant.agent = true
        token.video = grant
        return try? token.jwt(now: NumericDate(secondsSinceEpoch: clock.unixMilliseconds() / 1000))
    }

    /// By which clients know an agent's name.
    private static let agentNameAttribute = "lk.agent_name"
}
