internal import Foundation
internal import LiveKitCore
internal import LiveKitRTCTransport
package import Logging
package import Metrics
internal import NIOCore
public import ServiceLifecycle

/// A LiveKit server inside this process.
///
/// ```swift
/// let server = try await LiveKitServer(configuration: .development)
/// async let running: Void = server.run()
/// let port = try await server.started()
/// ```
///
/// It runs until ``shutdown()``, until the task that called ``run()`` is cancelled, or until it is drained
/// (``drain()``), which is also what the graceful shutdown of a `ServiceGroup` does. Everybody who is still connected then
/// is told to leave.
public actor LiveKitServer: Service {
    /// The version of this server.
    public static let version = "0.1.0"
    /// The livekit-server version that clients are told. They switch features on by it: RPC asks for 1.8.0.
    public static let compatibleVersion = "1.13.5"

    private nonisolated let configuration: LiveKitServerConfiguration
    /// The server's name among the nodes of a cluster.
    nonisolated let nodeID: String
    private let mediaPlane: any MediaPlane
    let registry: RoomRegistry
    private let frontEnd: HTTPFrontEnd
    private let webhooks: WebhookNotifier
    private let agents: AgentService
    private let logger: Logger
    private let clock: ServerClock
    private var state = State.idle
    private var startWaiters: [CheckedContinuation<Int, any Error>] = []
    private let metrics: ServerMetrics
    private let services: ControlServices
    private let stop = AsyncStream.makeStream(of: StopRequest.self, bufferingPolicy: .bufferingOldest(4))
    private var isDraining = false

    private enum StopRequest {
        case whenEmpty, now
    }

    private enum State {
        case idle
        case starting
        case running(port: Int)
        case stopped
    }

    /// Creates a server over a media plane. Nothing is opened before ``run()``.
    package init(
        configuration: LiveKitServerConfiguration, mediaPlane: any MediaPlane, logger: Logger? = nil,
        metrics: (any MetricsFactory)? = nil
    ) throws {
        try self.init(
            configuration: configuration, mediaPlane: mediaPlane, logger: logger, metrics: metrics, clock: .system)
    }

    /// The same by another clock.
    init(
        configuration: LiveKitServerConfiguration, mediaPlane: any MediaPlane, logger: Logger? = nil,
        metrics: (any MetricsFactory)? = nil, clock: ServerClock, peers ground: NodePeers.Ground? = nil,
        workers backend: WorkerBackend? = nil
    ) throws {
        try configuration.validate()
        var logger = logger ?? Logger(label: "livekit.server")
        logger.logLevel = configuration.logLevel(of: logger.label)
        let nodeID: String = "ND_" + UUID().uuidString.prefix(12)
        let metrics = ServerMetrics(configuration, given: metrics, nodeID: nodeID)
        let webhooks = WebhookNotifier(
            configuration.webhook, keys: configuration.keys, clock: clock, logger: logger, metrics: metrics.factory)
        let joinResponse = JoinResponseTemplate(region: configuration.region, nodeID: nodeID)
        let tokens = TokenIssuer(keys: configuration.keys, clock: clock)
        let totals = NodeTotals()
        let cluster =
            configuration.redis.isConfigured
            ? try Cluster(configuration, nodeID: nodeID, totals: totals, clock: clock, logger: logger) : nil
        let ground = ground ?? cluster.map { NodePeers.Ground(bus: $0.bus, placement: $0.placement) }
        let agents = AgentService(
            joinResponse: joinResponse, targetLoad: configuration.agents.targetLoad, tokens: tokens, bus: ground?.bus,
            clock: clock, logger: logger, metrics: metrics.factory)
        let workers = (backend ?? cluster.map { WorkerBackend(bus: $0.bus, redis: $0.client) })
            .map { WorkerServices($0, webhooks: webhooks, clock: clock, logger: logger) }
        let services = ControlServices(
            mediaPlane: mediaPlane, limits: configuration.limits, rules: RoomRules(configuration),
            joinResponse: joinResponse, tokens: tokens,
            iceServers: ICEServerDirectory(
                configuration, nodeAddresses: NodeAddresses.all(of: configuration), clock: clock),
            webhooks: webhooks, agents: agents,
            egress: AutoEgress(
                workers?.egress, webhooks: webhooks, clock: clock, logger: logger, metrics: metrics.factory),
            workers: workers, clock: clock, counters: ServerCounters(metrics.factory),
            health: NodeHealth(measuredEach: configuration.nodeStatistics.updateInterval, now: clock.now()),
            gate: ConnectionGate(configuration.connections, openFiles: OpenFiles.limit),
            joins: JoinGate(configuration.limits, clock: clock),
            peers: ground.map { NodePeers(nodeID: nodeID, ground: $0, logger: logger) },
            totals: totals, cluster: cluster,
            logger: logger)
        self.metrics = metrics
        self.nodeID = nodeID
        self.services = services
        self.configuration = configuration
        self.mediaPlane = mediaPlane
        self.logger = logger
        self.clock = clock
        self.webhooks = webhooks
        self.agents = agents
        registry = RoomRegistry(services: services, defaults: configuration.room)
        frontEnd = HTTPFrontEnd(configuration: configuration, registry: registry, services: services)
    }

    /// The TCP port in use, once the server has started.
    public var port: Int? {
        guard case .running(let port) = state else { return nil }
        return port
    }

    /// The UDP port of media, once the server has started.
    public nonisolated var udpPort: UInt16? { mediaPlane.udpPort }

    /// Waits until connections are accepted.
    ///
    /// - Returns: the TCP port.
    /// - Throws: what kept the server from starting.
    public func started() async throws -> Int {
        switch state {
        case .running(let port): return port
        case .stopped: throw CancellationError()
        case .idle, .starting: return try await withCheckedThrowingContinuation { startWaiters.append($0) }
        }
    }

    /// Runs the server until it is shut down.
    ///
    /// - Throws: what kept it from starting, or ended it.
    public func run() async throws {
        guard case .idle = state else { preconditionFailure("a server runs once") }
        state = .starting
        warn()
        do {
            try await withGracefulShutdownHandler {
                try await serve()
            } onGracefulShutdown: { [stop] in
                stop.continuation.yield(.whenEmpty)
            }
            finish(CancellationError())
        } catch {
            finish(error)
            await mediaPlane.shutdown()
            throw error
        }
        await mediaPlane.shutdown()
    }

    /// Ends the server: everybody is told to leave, then all sockets are closed. Harmless when it has ended.
    public func shutdown() {
        stop.continuation.yield(.now)
    }

    /// Ends the server when it is empty: no room is opened any more (503), those that are there go on until their last
    /// participant left, or until ``LiveKitServerConfiguration/Timeouts/participants`` is over. ``shutdown()`` makes it
    /// shorter.
    public func drain() {
        guard !isDraining else { return }
        isDraining = true
        stop.continuation.yield(.whenEmpty)
    }

    /// Ends the server as operators' signals ask: the first one drains it, the second one ends it at once.
    ///
    /// - Parameter signals: Anything that says that the server is to stop, such as a `UnixSignalsSequence`. Returns when
    ///   it ends.
    public func stop(at signals: some AsyncSequence<some Sendable, Never> & Sendable) async {
        var isFirst = true
        for await signal in signals {
            logger.notice("asked to stop", metadata: ["signal": "\(signal)", "force": "\(!isFirst)"])
            if isFirst { drain() } else { shutdown() }
            isFirst = false
        }
    }

    // MARK: Running

    private func serve() async throws {
        let turn = try await startTURN()
        do {
            try await serveRooms()
        } catch {
            await turn?.shutdown()
            throw error
        }
        await turn?.shutdown()
    }

    private func startTURN() async throws -> TURNService? {
        guard configuration.turn.isEnabled else { return nil }
        return try await TURNService.start(configuration, mediaPort: mediaPlane.udpPort, clock: clock, logger: logger)
    }

    private func serveRooms() async throws {
        let roster = services.cluster.map { cluster in
            RoomRoster(
                registry: registry, changes: services.roomChanges, placement: cluster.placement, store: cluster.store,
                clock: clock, logger: logger)
        }
        // What sockets and rooms say to other nodes at their end goes out before the connections end.
        defer { services.cluster?.close() }
        try await services.cluster?.connect()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            try await self.meetPeers(&group)
            try await self.agents.start()
            await self.services.cluster?.join()
            try await self.serveClients(roster)
        }
    }

    private func serveClients(_ roster: RoomRoster?) async throws {
        try await withThrowingTaskGroup(of: Void.self) {
            [registry, webhooks, agents, stop, services, clock = configuration.timeouts] group in
            group.addTask { await registry.run() }
            group.addTask { await webhooks.run() }
            group.addTask { await agents.run { job, change in await registry.jobChanged(job, change) } }
            group.addTask { await self.services.egress.run() }
            if let workers = self.services.workers { group.addTask { await workers.run() } }
            group.addTask { try await self.listen() }
            group.addTask { await self.waitForEnd(stop.stream) }
            group.addTask { await self.monitor.run() }
            if let cluster = services.cluster, let roster {
                group.addTask { await cluster.run() }
                group.addTask { await roster.run() }
            }
            for server in self.operatorServers { group.addTask { try await server.run() } }
            // The first to end is the request to stop, a cancellation, or a listener that failed.
            defer { group.cancelAll() }
            do {
                try await group.next()
            } catch {
                await registry.shutdown()
                if let roster { await services.cluster?.leave(roster) }
                throw error
            }
            await registry.shutdown()
            await webhooks.drain(for: clock.drain)
            // What is queued for the clients, their `leave` before all, gets a moment to go out, by other nodes if need be.
            try? await Task.sleep(for: min(clock.drain, .milliseconds(250)))
            if let roster { await services.cluster?.leave(roster) }
        }
    }

    /// Other nodes can call this one before its clients can.
    private func meetPeers(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        guard let peers = services.peers else { return }
        let rooms = LocalRooms(
            registry: registry, limits: configuration.limits, peers: peers, egress: services.workers?.egress)
        try await peers.start(rooms, RoomEntrance(registry: registry, services: services))
        group.addTask { await peers.run(rooms) }
    }

    private var monitor: NodeMonitor {
        NodeMonitor(services: services, registry: registry, interval: configuration.nodeStatistics.updateInterval)
    }

    private var operatorServers: [any Service] {
        OperatorFrontEnd(
            configuration: configuration, services: services, registry: registry, metrics: metrics.served
        ).servers
    }

    /// Returns when the server is to end.
    private nonisolated func waitForEnd(_ requests: AsyncStream<StopRequest>) async {
        guard await requests.first(where: { _ in true }) == .whenEmpty else { return }
        await registry.drain()
        await services.cluster?.directory.drain()
        let patience = configuration.timeouts.participants
        let participants = await registry.participantCount
        logger.notice("draining: no new rooms", metadata: ["participants": "\(participants)"])
        await withTaskGroup(of: Void.self) { [registry] group in
            group.addTask { _ = await requests.first { $0 == .now } }
            group.addTask {
                while await registry.participantCount > 0, (try? await Task.sleep(for: Self.drainPoll)) != nil {}
            }
            if patience > .zero { group.addTask { try? await Task.sleep(for: patience) } }
            await group.next()
            group.cancelAll()
        }
    }

    /// LiveKit looks every 5 s; an empty server should not wait so long.
    private static let drainPoll = Duration.milliseconds(250)

    private func listen() async throws {
        let addresses = configuration.listeningAddresses
        let configuredPort = configuration.port
        try await withThrowingTaskGroup(of: Void.self) { [frontEnd] group in
            var port = configuredPort
            for address in addresses {
                let (bound, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(1))
                let server = frontEnd.server(address: address, port: port) { channel in
                    continuation.yield(channel.localAddress?.port ?? 0)
                    continuation.finish()
                }
                group.addTask {
                    defer { continuation.finish() }
                    try await server.run()
                }
                // With port 0 the first address takes a free one, and the others the same.
                guard let taken = await bound.first(where: { _ in true }) else { break }
                port = taken
            }
            self.started(port: port, expected: addresses)
            try await group.waitForAll()
        }
    }

    private func started(port: Int, expected addresses: [String?]) {
        guard case .starting = state else { return }
        state = .running(port: port)
        logger.info("listening", metadata: ["port": "\(port)", "addresses": "\(addresses.map { $0 ?? "all" })"])
        for waiter in startWaiters { waiter.resume(returning: port) }
        startWaiters = []
    }

    private func finish(_ error: any Error) {
        state = .stopped
        for waiter in startWaiters { waiter.resume(throwing: error) }
        startWaiters = []
    }

    private nonisolated func warn() {
        if !configuration.keysWithoutEffect.isEmpty {
            logger.warning(
                "these keys of the configuration have no effect in this server yet",
                metadata: ["keys": "\(configuration.keysWithoutEffect.sorted())"])
        }
        if !configuration.unknownKeys.isEmpty {
            logger.warning(
                "the configuration has keys that nobody knows",
                metadata: ["keys": "\(configuration.unknownKeys.sorted())"])
        }
        for remark in configuration.remarks { logger.warning("\(remark)") }
        // The key of development is no secret, and stays on this machine.
        guard !configuration.isDevelopment else { return }
        for (key, secret) in configuration.keys where secret.utf8.count < AccessToken.recommendedSecretBytes {
            logger.warning(
                "the secret of this API key is shorter than 32 characters and can be guessed",
                metadata: ["key": "\(key)"])
        }
    }
}
