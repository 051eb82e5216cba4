internal import Foundation
internal import LiveKitCore
package import Logging
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
/// It runs until ``shutdown()``, until the task that called ``run()`` is cancelled, or, as a `Service` of a
/// `ServiceGroup`, until that group shuts down. Everybody connected is told to leave then.
public actor LiveKitServer: Service {
    /// The version of this server.
    public static let version = "0.1.0"
    /// The livekit-server version that clients are told. They switch features on by it: RPC asks for 1.8.0.
    public static let compatibleVersion = "1.13.5"

    private nonisolated let configuration: LiveKitServerConfiguration
    private let mediaPlane: any MediaPlane
    private let registry: RoomRegistry
    private let frontEnd: HTTPFrontEnd
    private let webhooks: WebhookNotifier
    private let agents: AgentService
    private let logger: Logger
    private let clock: ServerClock
    private var state = State.idle
    private var startWaiters: [CheckedContinuation<Int, any Error>] = []
    private let stop = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))

    private enum State {
        case idle
        case starting
        case running(port: Int)
        case stopped
    }

    /// Creates a server over a media plane. Nothing is opened before ``run()``.
    package init(
        configuration: LiveKitServerConfiguration, mediaPlane: any MediaPlane, logger: Logger? = nil
    ) throws {
        try configuration.validate()
        var logger = logger ?? Logger(label: "livekit.server")
        logger.logLevel = configuration.logLevel
        let clock = ServerClock.system
        let trailer = (0..<Self.sifTrailerBytes).map { _ in UInt8.random(in: .min ... .max) }
        let webhooks = WebhookNotifier(configuration.webhook, keys: configuration.keys, clock: clock, logger: logger)
        let joinResponse = JoinResponseTemplate(
            region: configuration.region, nodeID: "ND_" + UUID().uuidString.prefix(12), sifTrailer: trailer)
        let tokens = TokenIssuer(keys: configuration.keys, clock: clock)
        let agents = AgentService(
            joinResponse: joinResponse, tokens: tokens, clock: clock, logger: logger)
        let services = ControlServices(
            mediaPlane: mediaPlane, limits: configuration.limits,
            enablesRemoteUnmute: configuration.room.enablesRemoteUnmute,
            refusesDuplicateIdentity: configuration.room.refusesDuplicateIdentity,
            joinResponse: joinResponse, tokens: tokens,
            iceServers: ICEServerDirectory(
                configuration, nodeAddresses: NodeAddresses.all(of: configuration), clock: clock),
            webhooks: webhooks, agents: agents, clock: clock,
            counters: ServerCounters(),
            logger: logger)
        self.configuration = configuration
        self.mediaPlane = mediaPlane
        self.logger = logger
        self.clock = clock
        self.webhooks = webhooks
        self.agents = agents
        registry = RoomRegistry(services: services, defaults: configuration.room)
        frontEnd = HTTPFrontEnd(configuration: configuration, registry: registry, services: services)
    }

    /// Marks frames that the server makes itself, so that end-to-end encryption lets them pass.
    private static let sifTrailerBytes = 16

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
        warnAboutSecrets()
        do {
            try await withGracefulShutdownHandler {
                try await serve()
            } onGracefulShutdown: { [stop] in
                stop.continuation.yield()
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
        stop.continuation.yield()
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
        try await withThrowingTaskGroup(of: Void.self) {
            [registry, webhooks, agents, stop, clock = configuration.timeouts] group in
            group.addTask { await registry.run() }
            group.addTask { await webhooks.run() }
            group.addTask { await agents.run { job, change in await registry.jobChanged(job, change) } }
            group.addTask { try await self.listen() }
            group.addTask { for await _ in stop.stream { return } }
            // The first to end is the request to stop, a cancellation, or a listener that failed.
            defer { group.cancelAll() }
            try await group.next()
            await registry.shutdown()
            await webhooks.drain(for: clock.drain)
            // What is queued for the clients, their `leave` before all, gets a moment to go out.
            try? await Task.sleep(for: min(clock.drain, .milliseconds(250)))
        }
    }

    private func listen() async throws {
        let addresses = configuration.bindAddresses.isEmpty ? ["0.0.0.0"] : configuration.bindAddresses
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

    private func started(port: Int, expected addresses: [String]) {
        guard case .starting = state else { return }
        state = .running(port: port)
        logger.info("listening", metadata: ["port": "\(port)", "addresses": "\(addresses)"])
        for waiter in startWaiters { waiter.resume(returning: port) }
        startWaiters = []
    }

    private func finish(_ error: any Error) {
        state = .stopped
        for waiter in startWaiters { waiter.resume(throwing: error) }
        startWaiters = []
    }

    private nonisolated func warnAboutSecrets() {
        for (key, secret) in configuration.keys where secret.utf8.count < AccessToken.recommendedSecretBytes {
            logger.warning(
                "the secret of this API key is shorter than 32 characters and can be guessed",
                metadata: ["key": "\(key)"])
        }
    }
}
