internal import Foundation
internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import Metrics

/// The workers that are connected here, the jobs they do for rooms of whatever node, and the jobs that rooms here want
/// done: an actor over an ``AgentPool`` and an ``AgentBoard``, which carries out what the machines decide.
///
/// The two meet over the bus alone, so that workers here and elsewhere are chosen in the same way. Rooms hand their
/// commands over without waiting; what becomes of jobs is told to them in order.
actor AgentService {
    nonisolated let server: Livekit_ServerInfo
    private var pool: AgentPool
    private var board: AgentBoard
    private var outboxes: [String: AgentOutbox] = [:]
    /// Who waits for a worker, by the job.
    private var questions: [String: CheckedContinuation<Result<Livekit_JobState, RPCError>, Never>] = [:]
    private var isClosed = false
    private var ears: AgentLink.Ears?
    private let link: AgentLink
    private let tokens: TokenIssuer
    nonisolated private let clock: ServerClock
    private let logger: Logger
    nonisolated private let commands = AsyncStream.makeStream(
        of: AgentCommand.self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))
    private let reports = AsyncStream.makeStream(
        of: AgentReport.self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))
    private let calls = AsyncStream.makeStream(
        of: (@Sendable () async -> Void).self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))
    nonisolated private let counters: AgentCounters

    private struct AgentReport {
        var job: Livekit_Job
        var change: AgentJobChange
    }

    /// Nodes meet at the bus; there is none for a server that is alone.
    init(
        joinResponse: JoinResponseTemplate, targetLoad: Double, tokens: TokenIssuer, bus: (any MessageBus)?,
        clock: ServerClock, logger: Logger, metrics: any MetricsFactory
    ) {
        counters = AgentCounters(metrics)
        server = joinResponse.response.serverInfo
        link = AgentLink(over: bus, logger: logger)
        self.tokens = tokens
        self.clock = clock
        self.logger = logger
        let unixNanoseconds = clock.unixMilliseconds() &* 1_000_000 &- clock.now().nanoseconds
        pool = AgentPool(
            unixNanosecondsAtStart: unixNanoseconds, targetLoad: Float(targetLoad),
            random: DeterministicRandom(seed: .random(in: .min ... .max)))
        board = AgentBoard(
            unixNanosecondsAtStart: unixNanoseconds, random: DeterministicRandom(seed: .random(in: .min ... .max)))
    }

    // MARK: Running

    /// Lets other nodes know of this one's workers.
    ///
    /// - Throws: why the bus cannot be reached.
    func start() async throws {
        ears = try await link.start(self)
    }

    /// Serves until the task is cancelled; `report` tells a job's room, if it is here, what became of it.
    func run(_ report: @escaping @Sendable (Livekit_Job, AgentJobChange) async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [reports] in
                for await one in reports.stream { await report(one.job, one.change) }
            }
            group.addTask { [commands] in
                for await command in commands.stream { await self.execute(command) }
            }
            group.addTask { [calls] in
                await withDiscardingTaskGroup { group in
                    for await call in calls.stream { group.addTask { await call() } }
                }
            }
            group.addTask { [link] in await link.run(self) }
            group.addTask { await self.hear() }
            while (try? await Task.sleep(for: AgentBounds.tickPeriod)) != nil {
                pool.handleTimeout(now: clock.now())
                board.handleTimeout(now: clock.now())
                apply()
            }
            // Those who are at work for other nodes wait for these.
            close()
            group.cancelAll()
        }
    }

    private func close() {
        isClosed = true
        for question in questions.values { question.resume(returning: .failure(.requestCanceled)) }
        questions = [:]
    }

    private func hear() async {
        guard let ears else { return }
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in ears.workers.messages { await self.workersChanged() } }
            group.addTask {
                for await job in ears.jobs.messages { await self.report(job, AgentJobChange(job.state)) }
            }
        }
        ears.workers.cancel()
        ears.jobs.cancel()
    }

    // MARK: Rooms

    /// Queues what a room wants. Never waits; what finds the queue full is dropped and counted.
    nonisolated func perform(_ command: AgentCommand) {
        if case .dropped = commands.continuation.yield(command) { counters.dropped.increment() }
    }

    private func execute(_ command: AgentCommand) {
        board.execute(command, now: clock.now())
        apply()
    }

    private func workersChanged() {
        board.workersChanged(now: clock.now())
        apply()
    }

    private func report(_ job: Livekit_Job, _ change: AgentJobChange) {
        if case .dropped = reports.continuation.yield(AgentReport(job: job, change: change)) {
            counters.dropped.increment()
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
        pool.add(worker)
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

    // MARK: What nodes of rooms ask

    var enabled: Rpc_CheckEnabledResponse { pool.enabled }

    func affinity(for job: Livekit_Job) -> Float { pool.affinity(for: job) }

    /// Has workers asked until one takes the job, but no longer than somebody waits for it.
    func take(_ job: Livekit_Job, within patience: MediaDuration) async throws(RPCError) -> Rpc_JobRequestResponse {
        let end = clock.now() + patience
        await withCheckedContinuation { isReady in
            if !link.tell(.taking(jobID: job.id, isReady)) { isReady.resume() }
        }
        guard questions[job.id] == nil, !isClosed else { throw .requestCanceled }
        let result = await withCheckedContinuation { question in
            questions[job.id] = question
            pool.take(job, patience: end, now: clock.now())
            apply()
        }
        var response = Rpc_JobRequestResponse()
        response.state = try result.get()
        return response
    }

    func terminate(_ request: Rpc_JobTerminateRequest) throws(RPCError) -> Rpc_JobTerminateResponse {
        defer { apply() }
        var response = Rpc_JobTerminateResponse()
        response.state = try pool.terminate(request.jobID, request.reason, now: clock.now())
        if response.state.endedAt > 0 { counters.count(.ended) }
        return response
    }

    // MARK: Effects

    private func apply() {
        for effect in pool.takeEffects() { apply(effect) }
        for effect in board.takeEffects() { apply(effect) }
    }

    private func apply(_ effect: AgentPool.Effect) {
        switch effect {
        case .send(let worker, let message): outboxes[worker]?.send(message)
        case .assign(let worker, let job, let response): assign(job, to: worker, response)
        case .answer(let id, let result): questions.removeValue(forKey: id)?.resume(returning: result)
        case .report(let job, let change):
            counters.count(change)
            tell(.changed(job))
        case .forgot(let id): tell(.forgot(jobID: id))
        case .opened(let topic): tell(.opened(topic))
        case .closed(let topic): tell(.closed(topic))
        case .workersChanged: tell(.workersChanged)
        }
    }

    private func tell(_ event: AgentLink.Event) {
        if !link.tell(event) { counters.dropped.increment() }
    }

    private func apply(_ effect: AgentBoard.Effect) {
        switch effect {
        case .check(let check):
            call { [link] in await link.check { await self.learn($0, check) } }
        case .ask(let job):
            call { [link] in await self.answered(job.id, await link.ask(job)) }
        case .cancel(let id):
            call { [link] in _ = await link.end(id, .terminationRequested) }
        case .end(let job, let ending):
            call { [link] in await self.ended(job, ending, await link.end(job.id, ending.reason)) }
        case .report(let job, let change): report(job, change)
        case .dropped: counters.dropped.increment()
        }
    }

    private func call(_ body: @escaping @Sendable () async -> Void) {
        if case .dropped = calls.continuation.yield(body) { counters.dropped.increment() }
    }

    private func learn(_ response: Rpc_CheckEnabledResponse, _ check: Int) {
        board.learn(response, check: check, now: clock.now())
        apply()
    }

    private func answered(_ id: String, _ result: Result<Livekit_JobState, RPCError>) {
        board.answered(id, result, now: clock.now())
        apply()
    }

    private func ended(
        _ job: Livekit_Job, _ ending: AgentBoard.Ending, _ result: Result<Livekit_JobState, RPCError>
    ) {
        board.ended(job, by: ending, result, now: clock.now())
        apply()
    }

    private func assign(_ job: Livekit_Job, to worker: AgentWorker, _ response: Livekit_AvailabilityResponse) {
        counters.count(.assigned)
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

extension AgentBoard.Ending {
    fileprivate var reason: Rpc_JobTerminateReason {
        switch self {
        case .terminated: .terminationRequested
        case .agentLeft: .agentLeftRoom
        }
    }
}
