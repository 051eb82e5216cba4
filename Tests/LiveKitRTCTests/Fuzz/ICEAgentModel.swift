import LiveKitCore
import LiveKitRTC

/// An ICE agent under any sequence of its owner's calls and of datagrams, many of them with the right key.
struct ICEAgentModel: ~Copyable {
    private var agent: ICEAgent
    private var local = ICECredentials(entropy: .init(repeating: 1, count: ICECredentials.entropySize))
    private var remote = ICECredentials(entropy: .init(repeating: 2, count: ICECredentials.entropySize))
    private var now: MediaInstant = .start
    /// The newest requests of the agent, to be answered.
    private var requests: [ICETransmit] = []

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        var model = ICEAgentModel(flags: input.byte())
        var commands = 0
        while !input.isAtEnd, commands < 300 {
            model.step(&input)
            commands += 1
        }
        for _ in 0..<10 { model.passTimeToDeadline() }
    }

    private init(flags: UInt8) {
        var configuration = ICEConfiguration()
        configuration.isLite = flags & 32 != 0
        agent = ICEAgent(
            role: flags & 1 == 0 ? .controlling : .controlled, local: local, configuration: configuration,
            random: DeterministicRandom(seed: 1), tieBreaker: 1 << 63)
        guard flags & 2 == 0 else { return }
        agent.addLocalCandidate(ICECandidate(host: Self.address(0)), now: now)
        agent.setRemoteCredentials(remote, isLite: flags & 4 != 0, now: now)
        guard flags & 8 == 0 else { return }
        agent.addRemoteCandidate(ICECandidate(host: Self.address(8)), now: now)
        guard flags & 16 == 0 else { return }
        for _ in 0..<4 {
            passTimeToDeadline()
            var none = CommandReader([])
            answer(&none)
        }
    }

    private static func address(_ number: UInt8) -> TransportAddress {
        if number & 7 == 7 { return TransportAddress(ipv6High: 0xFD << 56, low: UInt64(number), port: 5000) }
        return TransportAddress(ipv4: 0x0A00_0000 | UInt32(number), port: 5000)
    }

    private mutating func step(_ input: inout CommandReader) {
        switch input.number(below: 14) {
        case 0: agent.addLocalCandidate(candidate(&input), now: now)
        case 1: agent.addRemoteCandidate(candidate(&input), now: now)
        case 2, 3, 4: request(&input)
        case 5, 6: answer(&input)
        case 7: receive(input.block(), from: Self.address(input.byte() & 15), &input)
        case 8: passTime(.milliseconds(Int64(input.byte()) * 20))
        case 9: passTimeToDeadline()
        case 10: restart(&input)
        case 11, 12: replay(&input)
        default: if input.byte() > 250 { agent.close() }
        }
        drain()
    }

    private func candidate(_ input: inout CommandReader) -> ICECandidate {
        let address = Self.address(input.byte() & 31)
        if let candidate = try? ICECandidate(parsing: String(decoding: input.block(), as: UTF8.self)) {
            return candidate
        }
        let isTCP = input.byte() > 200
        return ICECandidate(
            host: address, transport: isTCP ? .tcp : .udp, tcpType: isTCP ? .passive : nil,
            preference: input.uint16())
    }

    private mutating func restart(_ input: inout CommandReader) {
        let number = input.byte() & 3
        if input.flag() {
            local = ICECredentials(entropy: .init(repeating: 3 + number, count: ICECredentials.entropySize))
            agent.restart(local: local, now: now)
        } else {
            remote = ICECredentials(entropy: .init(repeating: 7 + number, count: ICECredentials.entropySize))
            agent.setRemoteCredentials(remote, isLite: input.flag(), now: now)
        }
    }

    private mutating func lifecycle(_ input: inout CommandReader) {
        switch input.number(below: 3) {
        case 0: agent.endRemoteCandidates(now: now)
        case 1: agent.connectionClosed(to: Self.address(input.byte() & 31), now: now)
        default: agent.addResolved("name.local", addresses: [Self.address(input.byte() & 31)], now: now)
        }
    }

    // MARK: Datagrams

    /// A check of the peer, authenticated, with whatever attributes.
    private mutating func request(_ input: inout CommandReader) {
        var random = DeterministicRandom(seed: UInt64(input.byte()))
        var message = STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(using: &random))
        message.attributes.append(.username("\(local.ufrag):\(remote.ufrag)"))
        let flags = input.byte()
        if flags & 1 == 0 { message.attributes.append(.priority(input.uint32())) }
        if flags & 2 == 0 { message.attributes.append(.iceControlling(UInt64(input.byte()) << 56)) }
        if flags & 4 != 0 { message.attributes.append(.iceControlled(UInt64(input.byte()) << 56)) }
        if flags & 8 != 0 { message.attributes.append(.useCandidate) }
        if flags & 16 != 0 { message.attributes.append(.other(type: input.uint16(), value: input.block())) }
        let bytes = message.encoded(key: STUNKey(password: local.password))
        receive(flags & 32 == 0 ? bytes : input.mutation(of: bytes), from: Self.address(input.byte() & 15), &input)
    }

    /// An answer to a check of the agent's, authenticated, right or not.
    private mutating func answer(_ input: inout CommandReader) {
        guard !requests.isEmpty else { return }
        let request = requests[input.number(below: requests.count)]
        guard let asked = try? STUNMessage(parsing: request.bytes) else { return }
        let flags = input.byte()
        var message = STUNMessage(
            class: flags & 1 == 0 ? .success : .error, method: .binding, transactionID: asked.transactionID)
        if flags & 1 != 0 {
            let codes: [UInt16] = [487, 401, 400, 500, 0, 699]
            message.attributes.append(
                .errorCode(STUNErrorCode(code: codes[input.number(below: codes.count)], reason: "")))
        }
        if flags & 2 == 0 { message.attributes.append(.xorMappedAddress(request.path.local)) }
        if flags & 4 != 0 { message.attributes.append(.xorMappedAddress(Self.address(input.byte()))) }
        let bytes = message.encoded(key: STUNKey(password: remote.password))
        let source = flags & 8 == 0 ? request.path.remote : Self.address(input.byte() & 15)
        receive(flags & 16 == 0 ? bytes : input.mutation(of: bytes), from: source, &input)
    }

    /// The agent's own packets come back to it.
    private mutating func replay(_ input: inout CommandReader) {
        guard let request = requests.last else { return }
        receive(request.bytes, from: Self.address(input.byte() & 15), &input)
    }

    private mutating func receive(_ bytes: [UInt8], from remote: TransportAddress, _ input: inout CommandReader) {
        let flags = input.byte()
        agent.receive(
            bytes.rawSpan, from: remote, to: Self.address(flags & 3), transport: flags > 240 ? .tcp : .udp, now: now)
        drain()
    }

    // MARK: Time

    private mutating func passTime(_ duration: MediaDuration) {
        now = now + duration
        agent.handleTimeout(now: now)
        drain()
        if let deadline = agent.deadline { precondition(deadline > now, "a deadline that does not move on") }
    }

    private mutating func passTimeToDeadline() {
        guard let deadline = agent.deadline else { return }
        passTime(max(deadline - now, .zero))
    }

    private mutating func drain() {
        var count = 0
        while let transmit = agent.pollTransmit() {
            count += 1
            precondition(count < 1000, "no end of packets")
            let message = try? STUNMessage(parsing: transmit.bytes)
            precondition(message != nil, "a message of ours that we cannot read")
            if message?.messageClass == .request { requests.append(transmit) }
        }
        if requests.count > 16 { requests.removeFirst(requests.count - 16) }
        while agent.pollEvent() != nil {}
        if let path = agent.selectedPath {
            precondition(
                agent.isValid(remote: path.remote, local: path.local, transport: path.transport),
                "media goes where nobody answered")
        }
    }
}
