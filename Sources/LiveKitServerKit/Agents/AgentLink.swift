internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// How nodes ask each other for agents' workers and tell what becomes of jobs: psrpc's `AgentInternal`, over the cluster's
/// bus, or within a server that is alone.
struct AgentLink: Sendable {
    /// What other nodes learn from this one, or must be able to call. One after the other.
    enum Event: Sendable {
        case opened([String])
        case closed([String])
        /// Answered when the job can be ended by its topic.
        case taking(jobID: String, CheckedContinuation<Void, Never>)
        case forgot(jobID: String)
        case workersChanged
        case changed(Livekit_Job)
    }

    /// Jobs whose state changed, without what their rooms know. A word among servers like this one: livekit-server tells
    /// the end of a job only to those who ask for it.
    static let jobChanged = RPCSubscriptionMethod<Livekit_Job>("LiveKitServerKit", "JobChanged")
    /// The topic of `WorkerRegistered`. livekit-server's `DefaultHandlerNamespace`.
    private static let handlerNamespace = [""]

    private let client: RPCClient
    private let server: RPCServer
    private let asking: RPCOptions
    private let logger: Logger
    private let events = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(AgentBounds.commands))

    /// Over no bus where a server is alone.
    init(over bus: (any MessageBus)?, logger: Logger) {
        let selection = bus == nil ? RPCSelection(maximumAffinity: .leastNonzeroMagnitude) : nil
        let bus = bus ?? LocalMessageBus()
        client = RPCClient(services: [AgentRPC.service], over: bus)
        server = RPCServer(over: bus)
        asking = RPCOptions(timeout: AgentBounds.patience, selection: selection)
        self.logger = logger
    }

    /// Lets other nodes ask what workers there are, and hears of theirs.
    ///
    /// - Throws: why the bus cannot be reached.
    func start(_ service: AgentService) async throws -> Ears {
        try await client.start()
        let ears = Ears(
            workers: try await client.subscribe(to: AgentRPC.workerRegistered, topic: Self.handlerNamespace),
            jobs: try await client.subscribe(to: Self.jobChanged))
        try await server.register(AgentRPC.checkEnabled) { _ in await service.enabled }
        return ears
    }

    /// What is heard of other nodes, and of this one.
    struct Ears: Sendable {
        let workers: RPCSubscription<Google_Protobuf_Empty>
        let jobs: RPCSubscription<Livekit_Job>
    }

    /// Calls and is called until the task is cancelled.
    func run(_ service: AgentService) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            group.addTask { await server.run() }
            for await event in events.stream { await follow(event, service) }
            group.cancelAll()
        }
    }

    // MARK: Being called

    /// Queues what others must know. Never waits; `false` when too much waits.
    func tell(_ event: Event) -> Bool {
        if case .enqueued = events.continuation.yield(event) { true } else { false }
    }

    private func follow(_ event: Event, _ service: AgentService) async {
        switch event {
        case .opened(let topic):
            await insisting { () async throws(RPCError) in
                try await server.register(
                    AgentRPC.jobRequest, topic: topic, affinity: { await service.affinity(for: $0) },
                    patientHandler: { job, patience throws(RPCError) in try await service.take(job, within: patience) })
            }
        case .closed(let topic):
            await server.deregister(AgentRPC.jobRequest, topic: topic)
        case .taking(let id, let isReady):
            await insisting { () async throws(RPCError) in
                try await server.register(AgentRPC.jobTerminate, topic: [id]) { request throws(RPCError) in
                    try await service.terminate(request)
                }
            }
            isReady.resume()
        case .forgot(let id):
            await server.deregister(AgentRPC.jobTerminate, topic: [id])
        case .workersChanged:
            await insisting { () async throws(RPCError) in
                try await server.publish(
                    Google_Protobuf_Empty(), to: AgentRPC.workerRegistered, topic: Self.handlerNamespace)
            }
        case .changed(let job):
            await insisting { () async throws(RPCError) in
                try await server.publish(job.summary, to: Self.jobChanged)
            }
        }
    }

    /// Tries until the bus is there.
    private func insisting(_ body: () async throws(RPCError) -> Void) async {
        while !Task.isCancelled {
            do throws(RPCError) {
                return try await body()
            } catch {
                guard error.code != .alreadyExists else { return }
                logger.warning("other nodes do not know of agents here", metadata: ["reason": "\(error.message)"])
            }
            try? await Task.sleep(for: AgentBounds.reconnection)
        }
    }

    // MARK: Calling

    /// Asks what workers there are; each node's answer as it comes.
    func check(_ each: @Sendable (Rpc_CheckEnabledResponse) async -> Void) async {
        do {
            try await client.callAll(
                AgentRPC.checkEnabled, Rpc_CheckEnabledRequest(), options: RPCOptions(timeout: AgentBounds.checkTime)
            ) { (result: Result<Rpc_CheckEnabledResponse, RPCError>) in
                if case .success(let response) = result { await each(response) }
            }
        } catch {
            logger.warning("nodes cannot be asked for agents", metadata: ["reason": "\(error.message)"])
        }
    }

    /// Asks for a worker; the node that would like the job most has its workers asked.
    func ask(_ job: Livekit_Job) async -> Result<Livekit_JobState, RPCError> {
        do {
            return .success(try await client.call(AgentRPC.jobRequest, topic: job.topic, job, options: asking).state)
        } catch {
            return .failure(error)
        }
    }

    /// Asks the node of a job's worker to end it.
    func end(_ id: String, _ reason: Rpc_JobTerminateReason) async -> Result<Livekit_JobState, RPCError> {
        var request = Rpc_JobTerminateRequest()
        request.jobID = id
        request.reason = reason
        do {
            let options = RPCOptions(retries: .standard)
            return .success(
                try await client.call(AgentRPC.jobTerminate, topic: [id], request, options: options).state)
        } catch {
            return .failure(error)
        }
    }
}
