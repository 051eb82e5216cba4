import LiveKitCore
import LiveKitTestSupport

@testable import LiveKitRTC

/// One side of an ICE exchange on a simulated network: an agent, its sockets, and what gathering does for it.
final class ICEParty: SimulatedEndpoint {
    let host: SimulatedNetwork.HostID
    var agent: ICEAgent
    var deadline: MediaInstant? { .earliest(agent.deadline, discovery?.deadline) }
    private(set) var states: [(at: MediaInstant, state: ICEState)] = []
    private(set) var paths: [(at: MediaInstant, path: ICEPath)] = []
    /// Where datagrams that are no checks were sent to, and where they came from with ICE's blessing.
    private(set) var mediaDestinations: [(at: MediaInstant, address: TransportAddress)] = []
    private(set) var mediaArrivals: [(at: MediaInstant, source: TransportAddress)] = []
    /// The other side of a signalling connection, and how long what is said there takes.
    var onCandidate: ((ICECandidate) -> Void)?
    var sendsMedia = false

    private let port: UInt16
    private var discovery: DiscoveryBox?
    private var relay: SimulatedRelay?
    private var outgoing: [(bytes: [UInt8], to: TransportAddress)] = []
    private var nextMediaAt = MediaInstant.start

    init(
        _ host: SimulatedNetwork.HostID, port: UInt16, role: ICERole, configuration: ICEConfiguration, seed: UInt64
    ) {
        self.host = host
        self.port = port
        var random = DeterministicRandom(seed: seed)
        agent = ICEAgent(
            role: role, local: ICECall.credentials(&random), configuration: configuration, random: random,
            tieBreaker: random.next())
    }

    // MARK: Gathering

    func gatherHost(_ address: TransportAddress, now: MediaInstant) {
        add(ICECandidate(host: address.with(port: port)), now: now)
    }

    func gatherReflexive(from server: TransportAddress, now: MediaInstant) {
        discovery = DiscoveryBox([server], seed: UInt64(port))
    }

    func gatherRelayed(_ relay: SimulatedRelay, now: MediaInstant) {
        self.relay = relay
        add(ICECandidate(relayed: relay.relayedAddress, allocation: 3), now: now)
    }

    func add(_ candidate: ICECandidate, now: MediaInstant) {
        agent.addLocalCandidate(candidate, now: now)
        onCandidate?(candidate)
    }

    // MARK: SimulatedEndpoint

    func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        guard delivery.destination.port == port else { return }
        if let discovery {
            let isAnswer = discovery.receive(delivery.bytes, from: delivery.source, now: now)
            if case .mapped(let address, _)? = discovery.pollEvent() {
                let base = agent.localCandidates.first { $0.kind == .host }?.base
                add(ICECandidate(serverReflexive: address, base: base ?? delivery.destination), now: now)
            }
            if isAnswer { return }
        }
        if let relay, delivery.source == relay.serverAddress, let frame = RelayFrame(parsing: delivery.bytes) {
            take(frame.bytes, from: frame.peer, to: relay.relayedAddress, transport: .relay(3), now: now)
        } else {
            take(delivery.bytes, from: delivery.source, to: delivery.destination, transport: .udp, now: now)
        }
    }

    private func take(
        _ bytes: [UInt8], from source: TransportAddress, to local: TransportAddress, transport: ICETransport,
        now: MediaInstant
    ) {
        if bytes.first == Self.media {
            if agent.isValid(remote: source, local: local, transport: transport) { mediaArrivals.append((now, source)) }
        } else {
            agent.receive(bytes.rawSpan, from: source, to: local, transport: transport, now: now)
        }
        drain(now: now)
    }

    func handleTimeout(now: MediaInstant) {
        agent.handleTimeout(now: now)
        discovery?.handleTimeout(now: now)
        drain(now: now)
    }

    func flush(into network: inout SimulatedNetwork) {
        drain(now: network.now)
        for (bytes, destination) in outgoing {
            network.send(bytes, from: host, source: TransportAddress(ipv4: 0, port: port), to: destination)
        }
        outgoing.removeAll()
    }

    /// What is not STUN on the wire of these tests.
    private static let media: UInt8 = 0x80

    /// Sends one datagram of media to where media goes now.
    func sendMedia(now: MediaInstant) {
        guard let path = agent.selectedPath else { return }
        mediaDestinations.append((now, path.remote))
        send([Self.media], on: path)
    }

    private func drain(now: MediaInstant) {
        if let request = discovery?.pollTransmit() { outgoing.append((request.bytes, request.server)) }
        while let transmit = agent.pollTransmit() { send(transmit.bytes, on: transmit.path) }
        while let event = agent.pollEvent() {
            switch event {
            case .stateChanged(let state): states.append((now, state))
            case .selectedPath(let path): paths.append((now, path))
            case .resolve: break
            }
        }
    }

    private func send(_ bytes: [UInt8], on path: ICEPath) {
        switch path.transport {
        case .udp: outgoing.append((bytes, path.remote))
        case .relay:
            if let relay {
                outgoing.append((RelayFrame(peer: path.remote, bytes: bytes).encoded(), relay.serverAddress))
            }
        case .tcp: break
        }
    }

    // MARK: What tests ask; noncopyable agents cannot pass through `#expect`.

    var state: ICEState { agent.state }
    var role: ICERole { agent.role }
    var selectedPath: ICEPath? { agent.selectedPath }
    var statistics: ICEStatistics { agent.statistics }

    func time(of state: ICEState) -> MediaInstant? { states.first { $0.state == state }?.at }
}

/// A relay that forwards what its one client wraps: as much of TURN as ICE sees.
final class SimulatedRelay: SimulatedEndpoint {
    let host: SimulatedNetwork.HostID
    let serverAddress: TransportAddress
    let relayedAddress: TransportAddress
    var deadline: MediaInstant? { nil }
    private var client: TransportAddress?
    private var outgoing: [(bytes: [UInt8], from: TransportAddress, to: TransportAddress)] = []

    init(_ host: SimulatedNetwork.HostID, address: TransportAddress, number: UInt16) {
        self.host = host
        serverAddress = address.with(port: 3478 + number)
        relayedAddress = address.with(port: 30_000 + number)
    }

    func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        if delivery.destination == serverAddress, let frame = RelayFrame(parsing: delivery.bytes) {
            client = delivery.source
            outgoing.append((frame.bytes, relayedAddress, frame.peer))
        } else if delivery.destination == relayedAddress, let client {
            outgoing.append((RelayFrame(peer: delivery.source, bytes: delivery.bytes).encoded(), serverAddress, client))
        }
    }

    func handleTimeout(now: MediaInstant) {}

    func flush(into network: inout SimulatedNetwork) {
        for datagram in outgoing {
            network.send(datagram.bytes, from: host, source: datagram.from, to: datagram.to)
        }
        outgoing.removeAll()
    }
}

/// A STUN server.
final class SimulatedSTUNServer: SimulatedEndpoint {
    let host: SimulatedNetwork.HostID
    let address: TransportAddress
    var deadline: MediaInstant? { nil }
    private var outgoing: [(bytes: [UInt8], to: TransportAddress)] = []

    init(_ host: SimulatedNetwork.HostID, address: TransportAddress) {
        self.host = host
        self.address = address
    }

    func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        guard delivery.destination == address, let request = try? STUNMessage(parsing: delivery.bytes),
            request.messageClass == .request, request.username == nil
        else { return }
        let answer = STUNMessage(
            class: .success, method: .binding, transactionID: request.transactionID,
            attributes: [.xorMappedAddress(delivery.source)])
        outgoing.append((answer.encoded(), delivery.source))
    }

    func handleTimeout(now: MediaInstant) {}

    func flush(into network: inout SimulatedNetwork) {
        for (bytes, destination) in outgoing {
            network.send(bytes, from: host, source: address, to: destination)
        }
        outgoing.removeAll()
    }
}

/// A datagram with the peer's address before it, on the way between a client and its relay.
private struct RelayFrame {
    let peer: TransportAddress
    let bytes: [UInt8]

    init(peer: TransportAddress, bytes: [UInt8]) {
        self.peer = peer
        self.bytes = bytes
    }

    init?(parsing frame: [UInt8]) {
        let span = frame.rawSpan
        var reader = ByteReader(span)
        guard let marker = try? reader.read(UInt8.self), marker == 0x41,
            let peer = try? STUNAttribute.readAddressForTests(&reader)
        else { return nil }
        self.peer = peer
        bytes = reader.readRemaining()
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + 32)
        writer.write(UInt8(0x41))
        STUNAttribute.write(peer, mask: nil, to: &writer)
        writer.write(bytes: bytes)
        return writer.bytes
    }
}

extension STUNAttribute {
    fileprivate static func readAddressForTests(_ reader: inout ByteReader) throws(WireError) -> TransportAddress {
        try readAddress(&reader, mask: nil)
    }
}
