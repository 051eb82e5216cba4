internal import Foundation
internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// The server's own TURN server: UDP, and TLS or, behind somebody else's TLS, plain TCP.
struct TURNService: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let driver: NIOLoopBound<TURNDriver>

    /// Opens the listeners. `mediaPort` is the UDP port of this server's media, which relays reach.
    static func start(
        _ configuration: LiveKitServerConfiguration, mediaPort: UInt16?, clock: ServerClock, logger: Logger
    ) async throws -> TURNService {
        let plan = try TURNPlan(configuration, mediaPort: mediaPort, interfaces: NetworkInterfaces.addresses())
        let tls = try plan.tlsContext()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let secrets = configuration.keys
        let driver = try await loop.submit {
            let server = TURNServer(
                configuration: plan.server, entropy: SecureRandom.bytes(TURNServer.entropySize),
                accounts: LiveKitAccounts.accounts(secrets: secrets) { clock.unixMilliseconds() / 1000 })
            let driver = TURNDriver(loop: loop, clock: clock, relayHosts: plan.relayBindings, server: server)
            return NIOLoopBound(driver, eventLoop: loop)
        }.get()
        let service = TURNService(group: group, loop: loop, driver: driver)
        do {
            for host in plan.bindAddresses {
                if let port = plan.udpPort { try await service.listenUDP(host, port) }
                if let port = plan.tlsPort { try await service.listenStream(host, port, tls) }
            }
        } catch {
            await service.shutdown()
            throw error
        }
        logger.info(
            "TURN listening",
            metadata: [
                "udp": "\(plan.udpPort ?? 0)", "tls": "\(plan.tlsPort ?? 0)",
                "relays": "\(plan.server.relayPorts)", "addresses": "\(plan.server.relayHosts.map(\.host))",
            ])
        return service
    }

    /// Ends all allocations and closes all sockets.
    func shutdown() async {
        try? await loop.submit { [driver] in driver.value.close() }.get()
        try? await group.shutdownGracefully()
    }

    /// What has been counted so far.
    func statistics() async -> TURNServerStatistics? {
        try? await loop.submit { [driver] in driver.value.statistics }.get()
    }

    // MARK: Listeners

    private func listenUDP(_ host: String, _ port: Int) async throws {
        _ = try await TURNDriver.datagramBootstrap(loop)
            .bind(host: host, port: port)
            .flatMapThrowing { [driver] channel in
                guard let address = channel.localAddress.flatMap(TransportAddress.init) else {
                    throw ConfigurationError("turn.bind_addresses: \(host) is no IP address")
                }
                let handler = TURNDatagramHandler(address, driver.value)
                try channel.pipeline.syncOperations.addHandler(handler)
                driver.value.add(listener: channel, at: address)
            }.get()
    }

    private func listenStream(_ host: String, _ port: Int, _ tls: NIOSSLContext?) async throws {
        _ = try await ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: TURNBounds.streamBacklog)
            .childChannelInitializer { [driver] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    let handler = TURNStreamHandler(tls == nil ? .tcp : .tls, driver.value)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: host, port: port)
            .map { [driver] channel in driver.value.add(streamListener: channel) }.get()
    }
}
