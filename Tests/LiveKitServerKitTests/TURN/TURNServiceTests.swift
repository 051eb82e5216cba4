import Foundation
import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitTestSupport
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import LiveKitServerKit

@Suite("TURN over sockets", .serialized)
struct TURNServiceTests {
    private static let key = "devkey"
    private static let secret = "secret of more than thirty-two characters"
    /// On Linux all of 127.0.0.0/8 is this machine, but only 127.0.0.1 is an address of the server's.
    private static let peerHost = "127.0.0.2"

    /// Runs a server on loopback addresses, whose ports are free ones.
    private func withService(
        _ change: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: (TURNService, LiveKitServerConfiguration) async throws -> Void
    ) async throws {
        var configuration = LiveKitServerConfiguration()
        configuration.keys = [Self.key: Self.secret]
        configuration.rtc.nodeIP = "127.0.0.1"
        configuration.turn.isEnabled = true
        configuration.turn.bindAddresses = ["127.0.0.1"]
        configuration.turn.udpPort = try FreePort.find()
        configuration.turn.relayRangeStart = 42_000
        configuration.turn.relayRangeEnd = 42_200
        configuration.turn.allowRestrictedPeerCIDRs = ["127.0.0.0/8"]
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = try await TURNService.start(configuration, mediaPort: nil, clock: .system, logger: logger)
        do {
            try await body(service, configuration)
        } catch {
            await service.shutdown()
            throw error
        }
        await service.shutdown()
    }

    private static func credentials(_ participant: String = "PA_test") -> TURNCredentials {
        TURNCredentials(
            apiKey: key, apiSecret: secret, participant: participant, lifetimeSeconds: 300,
            now: ServerClock.system.unixMilliseconds() / 1000)
    }

    @Test(
        "turnutils_uclient loses nothing",
        .enabled(if: CoturnTools.areInstalled, "Debian's coturn is not installed"),
        arguments: [
            (TURNTransport.udp, [String]()), (.udp, ["-s"]), (.udp, ["-c"]), (.udp, ["-y"]), (.tcp, ["-t"]),
            (.tcp, ["-t", "-s"]), (.tls, ["-t", "-S"]), (.tls, ["-t", "-S", "-s"]),
        ])
    func servesCoturn(transport: TURNTransport, flags: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "turn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = transport == .tls ? try await CoturnTools.certificate(in: folder) : ("", "")
        let tcpPort = try FreePort.find()
        // Clients that talk to one another do it through the server's own relays, which are not reached here.
        let isBetweenClients = flags.contains("-y")
        try await withService {
            guard transport != .udp else { return }
            $0.turn.tlsPort = tcpPort
            $0.turn.domain = "turn.example.com"
            $0.turn.hasExternalTLS = transport == .tcp
            ($0.turn.certificateFile, $0.turn.keyFile) = files
        } _: { service, configuration in
            let port = transport == .udp ? configuration.turn.udpPort : tcpPort
            let outcome = try await CoturnTools.exercise(
                ["-n", "50", "-m", "4", "-l", "170"] + flags, port: port, credentials: Self.credentials(),
                peerHost: Self.peerHost, peerPort: try FreePort.find())
            if isBetweenClients {
                #expect(outcome.received <= 0, "\(outcome.output.suffix(2000))")
            } else {
                #expect(outcome.sent >= 200, "\(outcome.output.suffix(2000))")
                #expect(outcome.received == outcome.sent, "\(outcome.output.suffix(2000))")
                #expect(outcome.status == 0)
            }
            let statistics = try #require(await service.statistics())
            #expect(isBetweenClients || statistics.relayedToPeers >= outcome.sent)
        }
    }

    @Test(
        "turnutils_uclient is refused a private peer and wrong passwords",
        .enabled(if: CoturnTools.areInstalled, "Debian's coturn is not installed"))
    func refusesCoturn() async throws {
        try await withService {
            $0.turn.allowRestrictedPeerCIDRs = []
        } _: { service, configuration in
            let arguments = ["-n", "5", "-c"]
            let refused = try await CoturnTools.exercise(
                arguments, port: configuration.turn.udpPort, credentials: Self.credentials(),
                peerHost: Self.peerHost, peerPort: try FreePort.find())
            #expect(refused.received <= 0)
            let statistics = try #require(await service.statistics())
            #expect(statistics.forbiddenPeers > 0 && statistics.relayedToPeers == 0)
        }
    }

    @Test("Our own client meets our own server over a UDP socket")
    func servesOurClient() async throws {
        try await withService { service, configuration in
            let server = try #require(
                TransportAddress(host: "127.0.0.1", port: UInt16(configuration.turn.udpPort)))
            let good = Self.credentials()
            let settings = TURNAllocationConfiguration(
                transport: .udp, username: good.username, password: good.password)
            let echo = try await EchoPeer.open(host: Self.peerHost)
            let client = try await SocketTURNClient.open(server: server, settings)
            let received = try await client.exchange(Array("hello".utf8), with: echo.address)
            #expect(received == Array("hello".utf8))
            try await client.close()
            try await echo.close()
            let statistics = try #require(await service.statistics())
            #expect(statistics.relayedToPeers >= 1 && statistics.relayedToClients >= 1)
        }
    }

    @Test("A connection that allocates nothing is closed, and one that is not TURN at once")
    func closesIdleConnections() async throws {
        let port = try FreePort.find()
        try await withService {
            $0.turn.tlsPort = port
            $0.turn.domain = "turn.example.com"
            $0.turn.hasExternalTLS = true
        } _: { _, _ in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF]))
            try await channel.closeFuture.get()
        }
    }

    @Test("Joining tells the TURN server, and the credentials open an allocation there")
    func joins() async throws {
        let port = try FreePort.find()
        try await TestServer.with {
            $0.rtc.nodeIP = "127.0.0.1"
            $0.turn.isEnabled = true
            $0.turn.bindAddresses = ["127.0.0.1"]
            $0.turn.udpPort = port
            $0.turn.relayRangeStart = 42_300
            $0.turn.relayRangeEnd = 42_310
        } _: { server in
            let client = try await server.signal("alice")
            let join = try await client.join()
            let announced = try #require(join.iceServers.first)
            #expect(announced.urls == ["turn:127.0.0.1:\(port)?transport=udp"])
            let settings = TURNAllocationConfiguration(
                transport: .udp, username: announced.username, password: announced.credential)
            let address = try #require(TransportAddress(host: "127.0.0.1", port: UInt16(port)))
            let turn = try await SocketTURNClient.open(server: address, settings)
            let relayed = try await turn.allocated()
            #expect((42_300...42_310).contains(relayed.port))
            try await turn.close()
            client.cut()
        }
    }
}
