import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport

/// A client, a server and peers that send back what they get, on a simulated network.
final class TURNCall {
    enum Flight {
        case toServer([UInt8])
        case toClient([UInt8])
        case toPeer([UInt8], peer: TransportAddress, relay: TURNRelayID)
        case toRelay([UInt8], peer: TransportAddress, relay: TURNRelayID)
    }

    static let peer = TURNDesk.peer
    let tuple: TURNFiveTuple
    var client: TURNAllocation
    var server: TURNServer
    var link: SimulatedLink<Flight>
    var events: [TURNAllocationEvent] = []
    var received: [TURNReceivedData] = []
    var atPeers: [(bytes: [UInt8], peer: TransportAddress)] = []
    /// Datagrams from client to server, in order, whether lost or not.
    var sent: [(bytes: [UInt8], at: MediaInstant)] = []
    /// Changes, or swallows, what the server says.
    var tamper: (([UInt8]) -> [UInt8]?)?
    /// Answers in the server's place, which then sees nothing.
    var answer: ((STUNMessage) -> STUNMessage?)?
    private var splitter = TURNStreamSplitter()
    private var openRelays: [Int: TURNRelayID] = [:]

    init(
        seed: UInt64, transport: TURNTransport = .udp, loss: Double = 0, user: String = "alice",
        password: String? = nil, filter: TURNPeerFilter = TURNPeerFilter(ownHosts: [TURNDesk.relayHost]),
        adjust: (inout TURNServerConfiguration) -> Void = { _ in },
        adjustClient: (inout TURNAllocationConfiguration) -> Void = { _ in }
    ) {
        tuple = TURNDesk.client(1, transport)
        var configuration = TURNServerConfiguration(
            relayHosts: [TURNDesk.relayHost], relayPorts: 30_000...30_099, peerFilter: filter)
        adjust(&configuration)
        server = TURNServer(configuration: configuration, entropy: TURNDesk.entropy(seed)) { username, _ in
            username == "stranger" ? nil : TURNAccount(user: username, key: TURNDesk.key(username))
        }
        var settings = TURNAllocationConfiguration(
            transport: transport, username: user, password: password ?? "secret of \(user)")
        adjustClient(&settings)
        client = TURNAllocation(configuration: settings, random: DeterministicRandom(seed: seed &* 31))
        let delay: ClosedRange<MediaDuration> =
            transport.isStream ? .milliseconds(20) ... .milliseconds(20) : .milliseconds(10) ... .milliseconds(40)
        link = SimulatedLink(
            seed: seed, conditions: .init(loss: transport.isStream ? 0 : loss, duplication: 0, delay: delay))
    }

    var now: MediaInstant { link.now }

    func start() {
        client.start(now: now)
        drain()
    }

    func send(_ payload: [UInt8], to peer: TransportAddress = TURNCall.peer) {
        client.send(payload, to: peer, now: now)
        drain()
    }

    func permit(_ peer: TransportAddress) {
        client.permit(peer, now: now)
        drain()
    }

    /// A peer speaks, without having been spoken to.
    func receive(_ payload: [UInt8], onRelay relay: Int, from peer: TransportAddress = TURNCall.peer) {
        server.receive(payload, onRelay: TURNRelayID(rawValue: relay), from: peer, now: now)
        drain()
    }

    func close() {
        client.close(now: now)
        drain()
    }

    /// Runs for `duration`, jumping from deadline to arrival.
    func run(_ duration: MediaDuration) {
        let end = now + duration
        var idleSteps = 0
        while now < end {
            let before = now
            link.advance(to: .earliest(client.deadline, server.deadline), end: end)
            idleSteps = now == before ? idleSteps + 1 : 0
            precondition(idleSteps < 1000, "a deadline that does not move")
            for arrival in link.arrivals() { deliver(arrival.payload) }
            client.handleTimeout(now: now)
            server.handleTimeout(now: now)
            drain()
        }
    }

    private func deliver(_ flight: Flight) {
        switch flight {
        case .toServer(let bytes):
            if let answer, let message = try? STUNMessage(parsing: bytes), let response = answer(message) {
                link.send(.toClient(response.encoded(key: TURNDesk.key("alice"))), to: .left)
            } else {
                server.receive(bytes, from: tuple, now: now)
            }
        case .toClient(let bytes):
            guard let bytes = tamper.map({ $0(bytes) }) ?? bytes else { return }
            if tuple.transport.isStream {
                // As a stream has it: in pieces.
                for byte in bytes { receive(stream: byte) }
            } else {
                client.receive(bytes, now: now)
            }
        case .toPeer(let bytes, let peer, let relay):
            atPeers.append((bytes, peer))
            link.send(.toRelay(bytes, peer: peer, relay: relay), to: .right)
        case .toRelay(let bytes, let peer, let relay):
            server.receive(bytes, onRelay: relay, from: peer, now: now)
        }
        drain()
    }

    func receive(stream byte: UInt8) {
        splitter.append([byte])
        do {
            while let frame = try splitter.next() { client.receive(frame, now: now) }
        } catch {
            client.connectionLost()
        }
    }

    private func drain() {
        while let bytes = client.pollTransmit() {
            sent.append((bytes, now))
            link.send(.toServer(bytes), to: .right)
        }
        while let event = client.pollEvent() { events.append(event) }
        while let data = client.pollReceived() { received.append(data) }
        while let action = server.pollAction() {
            switch action {
            case .send(let bytes, _): link.send(.toClient(bytes), to: .left)
            case .relay(let bytes, let relay, let peer): link.send(.toPeer(bytes, peer: peer, relay: relay), to: .right)
            case .openRelay(let relay, _, let port):
                openRelays[Int(port)] = relay
                server.relayOpened(relay, now: now)
            case .closeRelay(let relay): openRelays = openRelays.filter { $0.value != relay }
            }
        }
    }

    /// Requests of a method that the client has sent so far.
    func requests(_ method: STUNMessage.Method) -> [MediaInstant] {
        sent.filter { (try? STUNMessage(parsing: $0.bytes))?.method == method }.map(\.at)
    }
}
