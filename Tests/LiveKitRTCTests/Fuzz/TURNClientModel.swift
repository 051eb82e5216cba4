import LiveKitCore
import LiveKitRTC

/// A TURN client under any sequence of its owner's calls and of a server's words, many of them with the right key.
struct TURNClientModel: ~Copyable {
    private static let username = "alice"
    private static let password = "secret"

    private var client: TURNClient
    private let transport: TURNTransport
    private var now: MediaInstant = .start
    /// The newest requests, to be answered.
    private var requests: [STUNMessage] = []
    private var realm = "livekit"
    /// Whom something was sent to: nobody else's datagrams may come in.
    private var peers: Set<TransportAddress> = []
    private var isOver = false

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        var model = TURNClientModel(flags: input.byte())
        var commands = 0
        while !input.isAtEnd, commands < 300 {
            model.step(&input)
            commands += 1
        }
        for _ in 0..<20 { model.passTimeToDeadline() }
        model.end()
    }

    private init(flags: UInt8) {
        transport = TURNTransport.allCases[Int(flags) % 3]
        let addresses = (0..<1 + UInt32(flags >> 6)).map { TransportAddress(ipv4: 0x0505_0500 | $0, port: 3478) }
        client = TURNClient(
            addresses: addresses,
            configuration: TURNAllocationConfiguration(
                transport: transport, username: Self.username, password: Self.password),
            random: DeterministicRandom(seed: 1))
        guard flags & 4 == 0 else { return }
        client.start(now: now)
        drain(connects: true)
        guard flags & 8 == 0 else { return }
        answer(.challenge)
        answer(.grant)
    }

    private static func peer(_ number: UInt8) -> TransportAddress {
        if number & 31 == 31 { return TransportAddress(ipv6High: 0x2A00 << 48, low: UInt64(number), port: 9) }
        return TransportAddress(ipv4: 0x0808_0800 | UInt32(number), port: 9)
    }

    private mutating func step(_ input: inout CommandReader) {
        switch input.number(below: 16) {
        case 0: client.start(now: now)
        case 1: client.connected(now: now)
        case 2: client.connectionLost(now: now)
        case 3, 4: answer(.grant)
        case 5: answer(.challenge)
        case 6: answer(.refusal(UInt16(300 + Int(input.byte()) % 300)))
        case 7: answer(.redirection(TransportAddress(ipv4: 0x0606_0600 | UInt32(input.byte()), port: 3478)))
        case 8, 9: send(&input)
        case 10: receiveChannelData(&input)
        case 11: receiveData(&input)
        case 12: garble(&input)
        case 13: pass(.milliseconds(Int64(input.byte()) * 50))
        case 14: passTimeToDeadline()
        default: if input.byte() > 240 { client.close(now: now) }
        }
        drain(connects: input.byte() & 7 != 0)
    }

    // MARK: The server

    private enum Answer {
        case challenge, grant
        case refusal(UInt16)
        case redirection(TransportAddress)
    }

    private mutating func answer(_ answer: Answer) {
        guard let request = requests.popLast() else { return }
        var attributes: [STUNAttribute]
        switch answer {
        case .challenge:
            attributes = [
                .errorCode(STUNErrorCode(code: 401, reason: "")), .realm(realm), .nonce("n\(now.nanoseconds)"),
            ]
        case .grant:
            attributes = [.xorRelayedAddress(TransportAddress(ipv4: 0x0505_0505, port: 40_000)), .lifetime(600)]
        case .refusal(let code):
            attributes = [.errorCode(STUNErrorCode(code: code, reason: "")), .realm(realm), .nonce("n\(code)")]
        case .redirection(let other):
            attributes = [.errorCode(STUNErrorCode(code: 300, reason: "")), .alternateServer(other)]
        }
        let isSuccess = if case .grant = answer { true } else { false }
        let response = STUNMessage(
            class: isSuccess ? .success : .error, method: request.method, transactionID: request.transactionID,
            attributes: attributes)
        let key = STUNKey(username: Self.username, realm: realm, password: Self.password)
        receive(response.encoded(key: request.hasIntegrity ? key : nil))
        drain(connects: true)
    }

    private mutating func receiveChannelData(_ input: inout CommandReader) {
        receive(ChannelData(number: 0x4000 | UInt16(input.byte()), payload: input.block()).encoded())
    }

    private mutating func receiveData(_ input: inout CommandReader) {
        let indication = STUNMessage(
            class: .indication, method: .data, transactionID: STUNTransactionID(high: 1, low: 2),
            attributes: [.xorPeerAddress(Self.peer(input.byte())), .data(input.block())])
        receive(indication.encoded(fingerprint: false))
    }

    /// A response that is not quite one.
    private mutating func garble(_ input: inout CommandReader) {
        guard let request = requests.last else { return receive(input.block()) }
        let response = STUNMessage(
            class: input.flag() ? .success : .error, method: request.method, transactionID: request.transactionID,
            attributes: [.other(type: input.uint16(), value: input.block()), .lifetime(input.uint32())])
        let key = STUNKey(username: Self.username, realm: realm, password: Self.password)
        receive(input.mutation(of: response.encoded(key: input.flag() ? key : nil)))
    }

    private mutating func receive(_ bytes: [UInt8]) {
        var copy = bytes
        let sender = unsafe copy.withUnsafeMutableBytes { buffer in
            unsafe client.unwrap(buffer, now: now)?.peer
        }
        if let sender {
            precondition(peers.contains(sender), "a datagram of a stranger came in on a channel")
        } else {
            client.receive(bytes.rawSpan, now: now)
        }
    }

    // MARK: The owner

    private mutating func send(_ input: inout CommandReader) {
        let peer = Self.peer(input.byte())
        let payload = input.block()
        peers.insert(peer)
        var slot = payload + [UInt8](repeating: 0xAA, count: TURNAllocation.inPlaceOverhead)
        let size = unsafe slot.withUnsafeMutableBytes { buffer in
            unsafe client.wrap(buffer, count: payload.count, to: peer, now: now)
        }
        guard let size else { return client.send(payload, to: peer, now: now) }
        let message = try? ChannelData(parsing: Array(slot.prefix(size)))
        precondition(message?.payload == payload, "what was wrapped is not what was given")
        precondition(!transport.isStream || size % 4 == 0, "a stream's frame without its padding")
    }

    private mutating func drain(connects: Bool) {
        var turns = 0
        while let event = client.pollEvent() {
            precondition(!isOver, "something happens after the end")
            turns += 1
            precondition(turns < 10_000, "events without end")
            switch event {
            case .connect: if connects { client.connected(now: now) }
            case .gaveUp, .closed: isOver = true
            case .allocated, .lost, .peerRefused: break
            }
        }
        while let data = client.pollReceived() {
            let isKnown = peers.contains { $0.with(port: 0) == data.peer.with(port: 0) }
            precondition(isKnown, "a datagram of a stranger came in")
        }
        while let bytes = client.pollTransmit() {
            guard !ChannelData.looksLikeChannelData(bytes.rawSpan) else { continue }
            guard let message = try? STUNMessage(parsing: bytes) else {
                preconditionFailure("the client wrote what cannot be read")
            }
            if message.messageClass == .request { requests.append(message) }
        }
        if requests.count > 64 { requests.removeFirst(requests.count - 64) }
        precondition(!isOver || client.deadline == nil, "a deadline after the end")
    }

    private mutating func pass(_ duration: MediaDuration) {
        now = now + duration
        client.handleTimeout(now: now)
        client.handleTimeout(now: now)
    }

    private mutating func passTimeToDeadline() {
        guard let deadline = client.deadline else { return }
        pass(max(.zero, deadline - now))
        drain(connects: true)
        if let next = client.deadline { precondition(next > now, "a deadline that does not move") }
    }

    private mutating func end() {
        client.close(now: now)
        for _ in 0..<10 { passTimeToDeadline() }
        drain(connects: true)
        precondition(isOver, "closing has no end")
        precondition(client.relayedAddress == nil, "a relayed address after the end")
    }
}
