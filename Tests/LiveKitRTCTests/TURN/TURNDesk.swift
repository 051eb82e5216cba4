import LiveKitCore
import LiveKitRTC

/// A TURN server and the messages of one or more clients, written by hand: for what the client machine would never send.
final class TURNDesk {
    static let serverAddress = address("5.5.5.5", 3478)
    static let relayHost = address("5.5.5.5", 0)
    static let peer = address("8.8.8.8", 9000)

    var server: TURNServer
    var now: MediaInstant = .start
    /// Ports that some other process has.
    var takenPorts: Set<UInt16> = []
    private(set) var relayed: [(bytes: [UInt8], relay: TURNRelayID, peer: TransportAddress)] = []
    private(set) var sent: [(bytes: [UInt8], client: TURNFiveTuple)] = []
    private(set) var openRelays: [TURNRelayID: UInt16] = [:]
    private var serial: UInt64 = 0
    private var nonces: [TURNFiveTuple: (String, MediaInstant)] = [:]

    init(
        filter: TURNPeerFilter = TURNPeerFilter(ownHosts: [TURNDesk.relayHost]),
        ports: ClosedRange<UInt16> = 30_000...30_099, hosts: [TransportAddress] = [TURNDesk.relayHost],
        adjust: (inout TURNServerConfiguration) -> Void = { _ in }
    ) {
        var configuration = TURNServerConfiguration(relayHosts: hosts, relayPorts: ports, peerFilter: filter)
        adjust(&configuration)
        server = TURNServer(configuration: configuration, entropy: Self.entropy(1)) { username, _ in
            username.hasPrefix("stranger") ? nil : TURNAccount(user: username, key: Self.key(username))
        }
    }

    static func address(_ host: String, _ port: UInt16) -> TransportAddress {
        guard let address = TransportAddress(host: host, port: port) else {
            preconditionFailure("\(host) is no address")
        }
        return address
    }

    static func entropy(_ seed: UInt64) -> [UInt8] {
        var random = DeterministicRandom(seed: seed)
        return (0..<TURNServer.entropySize).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static func key(_ username: String, password: String? = nil) -> STUNKey {
        STUNKey(username: username, realm: TURNCredentials.realm, password: password ?? "secret of \(username)")
    }

    static func client(_ number: Int = 1, _ transport: TURNTransport = .udp) -> TURNFiveTuple {
        TURNFiveTuple(
            transport: transport,
            client: TransportAddress(ipv4: 0x0902_0000 + UInt32(number), port: UInt16(4000 + number % 50_000)),
            server: serverAddress)
    }

    // MARK: Requests

    func message(
        _ method: STUNMessage.Method, _ attributes: [STUNAttribute], class messageClass: STUNMessage.Class = .request
    ) -> STUNMessage {
        serial += 1
        return STUNMessage(
            class: messageClass, method: method, transactionID: STUNTransactionID(high: 7, low: serial),
            attributes: attributes)
    }

    /// Hands bytes to the server and does what it wants; returns what went back to this client.
    @discardableResult
    func deliver(_ bytes: [UInt8], from client: TURNFiveTuple) -> [[UInt8]] {
        let before = sent.count
        server.receive(bytes, from: client, now: now)
        work()
        return sent[before...].filter { $0.client == client }.map(\.bytes)
    }

    func work() {
        while let action = server.pollAction() {
            switch action {
            case .send(let bytes, let client): sent.append((bytes, client))
            case .relay(let bytes, let relay, let peer): relayed.append((bytes, relay, peer))
            case .closeRelay(let relay): openRelays[relay] = nil
            case .openRelay(let relay, _, let port):
                if takenPorts.contains(port) {
                    server.relayFailed(relay, now: now)
                } else {
                    openRelays[relay] = port
                    server.relayOpened(relay, now: now)
                }
            }
        }
    }

    func advance(_ duration: MediaDuration) {
        now = now + duration
        server.handleTimeout(now: now)
        work()
    }

    /// The nonce for a client, as a challenge gives it; the same for a while, because challenges are few.
    @discardableResult
    func nonce(for client: TURNFiveTuple) -> String {
        if let (nonce, madeAt) = nonces[client], now - madeAt < .seconds(300) { return nonce }
        let challenge = deliver(message(.refresh, [.lifetime(600), .software("0123456789")]).encoded(), from: client)
        let nonce = challenge.first.flatMap { try? STUNMessage(parsing: $0) }?.nonce ?? "none"
        nonces[client] = (nonce, now)
        return nonce
    }

    /// A request with credentials, and its response.
    func ask(
        _ method: STUNMessage.Method, _ attributes: [STUNAttribute], as user: String = "alice",
        from client: TURNFiveTuple, nonce: String? = nil, key: STUNKey? = nil
    ) -> STUNMessage? {
        let nonce = nonce ?? self.nonce(for: client)
        let request = message(
            method, attributes + [.username(user), .realm(TURNCredentials.realm), .nonce(nonce)])
        let bytes = request.encoded(key: key ?? Self.key(user), fingerprint: true)
        return deliver(bytes, from: client).compactMap { try? STUNMessage(parsing: $0) }
            .first { $0.transactionID == request.transactionID }
    }

    @discardableResult
    func allocate(
        as user: String = "alice", from client: TURNFiveTuple, _ more: [STUNAttribute] = [], nonce: String? = nil
    ) -> STUNMessage? {
        ask(.allocate, [.requestedTransport(17)] + more, as: user, from: client, nonce: nonce)
    }

    /// Sends an indication.
    func send(_ data: [UInt8], to peer: TransportAddress, from client: TURNFiveTuple) {
        let indication = message(.send, [.xorPeerAddress(peer), .data(data)], class: .indication)
        deliver(indication.encoded(fingerprint: false), from: client)
    }

    var relayedBytes: Int { relayed.reduce(0) { $0 + $1.bytes.count } }
}
