import Glibc
import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitRTCTransport

/// A peer connection on a loop's sockets, with what it reported.
private final class Peer: PeerConnectionObserver {
    let session: PeerSession
    var states: [PeerConnection.State] = []
    var messages: [[UInt8]] = []

    init(_ session: PeerSession) {
        self.session = session
        session.connection.observer = self
    }

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {}
    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {}

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state): states.append(state)
        case .message(_, _, let bytes, _): messages.append(bytes)
        default: break
        }
    }
}

/// A server's and a client's end in one loop, with the sockets that a test gives them.
private final class Call: Sendable {
    let loop = MediaLoop(label: "test")
    let server = LoopBound<Peer>()
    let client = LoopBound<Peer>()

    /// Opens both ends with TCP alone, and lets them exchange descriptions.
    func connectOverTCP(_ any: TransportAddress, host: TransportAddress) async throws -> UInt16? {
        let port = await loop.perform { [self] core -> UInt16? in
            try? open(core, any: any, host: host)
        }
        return try #require(port)
    }

    private func open(_ core: MediaLoopCore, any: TransportAddress, host: TransportAddress) throws -> UInt16 {
        let shared = core.add(try UDPSocket(binding: any))
        let listener = try TCPListener(binding: any)
        core.add(listener, sharing: shared)
        var ports = HostCandidates()
        ports.tcpPorts = [host.family: listener.localAddress.port]
        let server = Peer(try session(core, socket: shared, isShared: true, isOfferer: false, ports.make([host])))
        self.server.set(server, on: core)

        let own = core.add(try UDPSocket(binding: any))
        var dialling = HostCandidates()
        dialling.dialsTCP = true
        let client = Peer(try session(core, socket: own, isShared: false, isOfferer: true, dialling.make([host])))
        self.client.set(client, on: core)

        client.session.connection.openChannel(label: "_reliable", isOrdered: true, now: core.now)
        let offer = try client.session.connection.createOffer(now: core.now)
        _ = try server.session.connection.applyRemoteOffer(offer, now: core.now)
        let answer = try server.session.connection.createAnswer(now: core.now)
        try client.session.connection.applyRemoteAnswer(answer, now: core.now)
        server.session.update()
        client.session.update()
        return listener.localAddress.port
    }

    private func session(
        _ core: MediaLoopCore, socket: Int, isShared: Bool, isOfferer: Bool, _ candidates: [ICECandidate]
    ) throws -> PeerSession {
        var configuration = PeerConnectionConfiguration(
            isOfferer: isOfferer, certificate: try DTLSCertificate(), capabilities: .liveKitClient,
            hostAddresses: [], entropy: SecureRandom.bytes, wallClockOffset: core.wallClockOffset)
        configuration.candidates = candidates
        configuration.ice.isLite = isShared
        return PeerSession(configuration, core: core, socket: socket, sharesSocket: isShared)
    }

    func wait(_ condition: @escaping @Sendable (Peer, Peer) -> Bool) async throws -> Bool {
        for _ in 0..<500 {
            let holds = await loop.perform { [server, client] core in
                guard let server = server.value(on: core), let client = client.value(on: core) else { return false }
                return condition(server, client)
            }
            if holds ?? false { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

@Suite("ICE over TCP on real sockets, RFC 6544 and RFC 4571")
struct StreamTests {
    private static let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)

    @Test(
        "A client that dials joins a server that listens, and messages go both ways", .timeLimit(.minutes(1)),
        arguments: [
            (TransportAddress(ipv4: 0, port: 0), loopback),
            (TransportAddress(ipv6High: 0, low: 0, port: 0), TransportAddress(ipv6High: 0, low: 1, port: 0)),
        ])
    func connects(any: TransportAddress, host: TransportAddress) async throws {
        let call = Call()
        defer { call.loop.stop() }
        _ = try await call.connectOverTCP(any, host: host)
        let areConnected = try await call.wait { server, client in
            server.session.connection.state == .connected && client.session.connection.state == .connected
        }
        #expect(areConnected)
        let large = [UInt8](repeating: 7, count: 60_000)
        let hasOpened = try await call.wait { server, client in
            let channels = [server, client].map { $0.session.connection.channel(labelled: "_reliable") }
            return channels.allSatisfy { $0 != nil }
        }
        #expect(hasOpened)
        await call.loop.perform { core in
            for peer in [call.server.value(on: core), call.client.value(on: core)] {
                guard let connection = peer?.session.connection,
                    let channel = connection.channel(labelled: "_reliable")
                else { continue }
                try? connection.send(large, on: channel, now: core.now)
                peer?.session.update()
            }
        }
        let haveArrived = try await call.wait { $0.messages == [large] && $1.messages == [large] }
        #expect(haveArrived)
    }

    @Test("A lost connection is dialled again and the call goes on", .timeLimit(.minutes(1)))
    func redials() async throws {
        let call = Call()
        defer { call.loop.stop() }
        _ = try await call.connectOverTCP(TransportAddress(ipv4: 0, port: 0), host: Self.loopback)
        let areConnected = try await call.wait { server, client in
            server.session.connection.state == .connected && client.session.connection.state == .connected
        }
        #expect(areConnected)
        let before = await call.loop.perform { core -> [Int] in
            let numbers = core.streams.numbers
            for number in numbers { core.closeStream(number) }
            return numbers
        }
        #expect(before?.count == 2)
        for _ in 0..<300 {
            if await call.loop.perform({ $0.streams.numbers.count }) == 2 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(await call.loop.perform { $0.streams.numbers.count } == 2)
        let message: [UInt8] = [1, 2, 3]
        await call.loop.perform { core in
            guard let peer = call.server.value(on: core),
                let channel = peer.session.connection.channel(labelled: "_reliable")
            else { return }
            try? peer.session.connection.send(message, on: channel, now: core.now)
            peer.session.update()
        }
        #expect(try await call.wait { $1.messages == [message] })
    }

    @Test("Strangers get no answer; frames that are too long, too many or of nobody end the connection")
    func refusesStrangers() async throws {
        let call = Call()
        defer { call.loop.stop() }
        let port = try #require(
            try await call.connectOverTCP(TransportAddress(ipv4: 0, port: 0), host: Self.loopback))
        _ = try await call.wait { $1.session.connection.state == .connected }
        let stranger = try RawConnection(port: port)
        stranger.write([0x00, 0x04, 1, 2, 3, 4])
        let long = try RawConnection(port: port)
        long.write([0xFF, 0xFF])
        #expect(await long.isClosed(within: .seconds(2)))
        #expect(await !stranger.isClosed(within: .milliseconds(100)))
        // Nobody there: closed when its time is up, five seconds, looked at each second.
        #expect(await stranger.isClosed(within: .seconds(8)))
        #expect(stranger.received == 0)
        let isUnharmed = try await call.wait { server, client in
            server.session.connection.state == .connected && client.session.connection.state == .connected
        }
        #expect(isUnharmed)
    }

    @Test("Idle newcomers make room for others, the oldest first")
    func boundsNewcomers() async throws {
        let call = Call()
        defer { call.loop.stop() }
        let port = try #require(
            try await call.connectOverTCP(TransportAddress(ipv4: 0, port: 0), host: Self.loopback))
        _ = try await call.wait { $1.session.connection.state == .connected }
        let crowd = try (0..<300).map { _ in try RawConnection(port: port) }
        #expect(await crowd[0].isClosed(within: .seconds(2)))
        let count = await call.loop.perform { $0.streams.count }
        #expect((count ?? 0) <= StreamLimits.unprovenConnections + 2)
        let isUnharmed = try await call.wait { server, client in
            server.session.connection.state == .connected && client.session.connection.state == .connected
        }
        #expect(isUnharmed)
    }
}

/// A TCP client that speaks whatever the test wants.
private final class RawConnection {
    private let descriptor: CInt
    private(set) var received = 0

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) {
        _ = unsafe send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    func isClosed(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            var byte: UInt8 = 0
            let count = unsafe recv(descriptor, &byte, 1, CInt(MSG_DONTWAIT))
            if count == 0 || count < 0 && errno == ECONNRESET { return true }
            if count > 0 { received += 1 }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
