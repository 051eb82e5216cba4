import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP bounds")
struct SCTPBoundsTests {
    @Test("Sending beyond the buffers or the peer's limit is refused, and nothing is queued")
    func sendBounds() throws {
        var configuration = SCTPConfiguration()
        configuration.sendBufferSize = 10_000
        configuration.channelBufferSize = 6_000
        let pair = AssociationPair(seed: 1, left: configuration)
        let first = try pair.left.openChannel(label: "a", negotiatedID: StreamID(rawValue: 4), now: pair.now)
        let second = try pair.left.openChannel(label: "b", negotiatedID: StreamID(rawValue: 6), now: pair.now)
        try pair.left.send(on: first, message: .init(repeating: 0, count: 6000), isBinary: true, now: pair.now)
        #expect(throws: SCTPSendError.bufferFull) {
            try pair.left.send(on: first, message: [1], isBinary: true, now: pair.now)
        }
        try pair.left.send(on: second, message: .init(repeating: 0, count: 4000), isBinary: true, now: pair.now)
        #expect(throws: SCTPSendError.bufferFull) {
            try pair.left.send(on: second, message: [1], isBinary: true, now: pair.now)
        }
        #expect(throws: SCTPSendError.tooLarge(limit: 65536)) {
            try pair.left.send(on: first, message: .init(repeating: 0, count: 65537), isBinary: true, now: pair.now)
        }
        #expect(throws: SCTPSendError.closed) {
            try pair.left.send(on: StreamID(rawValue: 8), message: [1], isBinary: true, now: pair.now)
        }
        #expect(pair.leftBufferedBytes == 10_000)
    }

    @Test("Channels are bounded in number and in the length of their labels")
    func channelBounds() throws {
        let pair = AssociationPair(seed: 1)
        for _ in 0..<1024 { _ = try pair.left.openChannel(label: "a", now: pair.now) }
        #expect(throws: SCTPSendError.noFreeChannel) { try pair.left.openChannel(label: "a", now: pair.now) }
        #expect(throws: SCTPSendError.labelTooLong) {
            try pair.left.openChannel(label: String(repeating: "a", count: 5000), now: pair.now)
        }
        #expect(throws: SCTPSendError.noFreeChannel) {
            try pair.right.openChannel(label: "a", negotiatedID: StreamID(rawValue: 65535), now: pair.now)
        }
    }

    @Test("A message that never ends is cut off at the size that we announced")
    func endlessMessage() throws {
        var peer = CraftedPeer(seed: 3)
        var sent = 0
        while !peer.association.isEnded, sent < 20_000 {
            peer.send(
                peer.data(number: sent, isBeginning: sent == 0, isEnd: false, payload: .init(repeating: 7, count: 1000))
            )
            sent += 1
        }
        #expect(sent == 263)
        #expect(peer.lastEvent == .aborted(.outOfResources))
        #expect(
            peer.lastAnswer?.chunks.first == .abort(AbortChunk(causes: [SCTPErrorCause(.outOfResource)])))
    }

    @Test("Messages that together exceed the receive window, each waiting for one that never comes, end it")
    func endlessWaiting() throws {
        var peer = CraftedPeer(seed: 3)
        var sent = 0
        // Number 0 of the stream is never sent, though no TSN is missing.
        while !peer.association.isEnded, sent < 20_000 {
            peer.send(
                .data(
                    DataChunk(
                        tsn: peer.initialTSN.advanced(by: sent), stream: peer.channel,
                        sequence: StreamSequenceNumber(rawValue: UInt16(sent + 1)), payloadProtocol: .binary,
                        payload: .init(repeating: 7, count: 1000))))
            sent += 1
        }
        #expect(sent <= 5 * 1024 * 1024 / 1000)
        #expect(peer.lastEvent == .aborted(.outOfResources))
    }

    @Test("Streams that the peer opens and refuses to name are bounded too")
    func tooManyChannels() throws {
        var peer = CraftedPeer(seed: 3)
        let open = DataChannelMessage.open(.init(label: "x")).encoded()
        for number in 0..<3000 {
            peer.send(
                .data(
                    DataChunk(
                        tsn: peer.initialTSN.advanced(by: number),
                        stream: StreamID(rawValue: UInt16(number * 2 + 1)), sequence: .first,
                        payloadProtocol: .establishment, payload: open)))
        }
        let ended = peer.association.isEnded
        #expect(!ended)
        #expect(throws: SCTPSendError.noFreeChannel) {
            try peer.association.openChannel(label: "a", now: peer.now)
        }
    }

    @Test("A window announced as closed is probed, one chunk at a time, and used when it opens")
    func closedWindow() throws {
        var peer = CraftedPeer(seed: 8)
        peer.send(.selectiveAck(.init(cumulativeTSN: peer.theirTSN, receiverWindow: 0)))
        for _ in 0..<10 {
            try peer.association.send(
                on: peer.channel, message: .init(repeating: 1, count: 1000), isBinary: true, now: peer.now)
        }
        var probes = 0
        for _ in 0..<20 {
            while let bytes = peer.association.pollTransmit() {
                let packet = try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true)
                probes += packet.chunks.count { $0.data != nil }
            }
            guard let deadline = peer.association.deadline else { break }
            peer.now = deadline
            peer.association.handleTimeout(now: peer.now)
        }
        #expect((5...20).contains(probes))
        peer.drain()
        peer.send(.selectiveAck(.init(cumulativeTSN: peer.theirTSN.advanced(by: 1), receiverWindow: 100_000)))
        let left = peer.association.bufferedBytes
        #expect(left <= 9000)
        let waiting = peer.association.bufferedAmount(of: peer.channel)
        #expect(waiting == 0)
    }

    @Test("Tiny fragments and messages that wait for a lost one cannot fill memory either", arguments: [true, false])
    func tinyFragments(isWhole: Bool) throws {
        var peer = CraftedPeer(seed: 4)
        for number in stride(from: 1, to: 36_000, by: 200) {
            let chunks = (number..<number + 200).map {
                peer.data(number: $0, isBeginning: isWhole, isEnd: isWhole, payload: [1])
            }
            peer.send(chunks)
        }
        let ended = peer.association.isEnded
        #expect(!ended)
        guard case .selectiveAck(let sack)? = peer.lastAnswer?.chunks.first else {
            Issue.record("no SACK")
            return
        }
        #expect(sack.receiverWindow > 0)
        #expect(sack.gapBlocks.count == 1)
        // Charged 65 bytes each, and none beyond what may lie ahead.
        #expect(sack.gapBlocks.first?.start == 2)
        #expect((sack.gapBlocks.first?.end ?? 0) <= 32768)
        #expect(sack.receiverWindow < 5 * 1024 * 1024 - 30_000 * 65)
    }

    @Test("An owner that does not take its messages closes the window, and opening it is announced")
    func undelivered() throws {
        var configuration = SCTPConfiguration()
        configuration.receiveWindow = 100_000
        let pair = AssociationPair.connected(seed: 5, right: configuration)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        for _ in 0..<300 {
            try pair.left.send(on: id, message: .init(repeating: 1, count: 1000), isBinary: true, now: pair.now)
        }
        pair.holdsRightEvents = true
        pair.run(for: .seconds(20))
        #expect((190_000...210_000).contains(pair.leftBufferedBytes))
        pair.holdsRightEvents = false
        pair.run(for: .seconds(20))
        #expect(pair.rightEvents.messages(on: id).count == 300)
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("Random packets under the right tag never trap, and time goes on")
    func randomChunks() throws {
        var random = DeterministicRandom(seed: 6)
        for round in 0..<10 {
            var peer = CraftedPeer(seed: UInt64(round))
            for _ in 0..<100 {
                peer.sendNoise(&random)
                peer.now = peer.now + .milliseconds(Int64.random(in: 0...300, using: &random))
                peer.association.handleTimeout(now: peer.now)
                peer.drain()
                if let deadline = peer.association.deadline, deadline <= peer.now {
                    Issue.record("a deadline that does not move on")
                }
            }
        }
    }

    @Test("A SACK of chunks never sent, or with gaps out of order, does no harm")
    func absurdSacks() throws {
        var peer = CraftedPeer(seed: 7)
        let id = try peer.association.openChannel(label: "a", now: peer.now)
        for _ in 0..<20 {
            try peer.association.send(on: id, message: .init(repeating: 1, count: 1000), isBinary: true, now: peer.now)
        }
        peer.drain()
        let first = peer.association.bufferedBytes
        peer.send(.selectiveAck(.init(cumulativeTSN: peer.theirTSN.advanced(by: 5000), receiverWindow: 1)))
        peer.send(
            .selectiveAck(
                .init(
                    cumulativeTSN: peer.theirTSN, receiverWindow: 100_000,
                    gapBlocks: [.init(start: 5, end: 4), .init(start: 0, end: 0), .init(start: 3, end: .max)])))
        let second = peer.association.bufferedBytes
        #expect(first > 20_000 && second > 0 && second <= first)
    }
}

/// The far end of an association, by hand: says whatever a test wants, under the right tags.
struct CraftedPeer: ~Copyable {
    var association: SCTPAssociation
    var now: MediaInstant = .start
    private(set) var lastEvent: SCTPEvent?
    private(set) var lastAnswer: SCTPPacket?
    /// Messages delivered so far.
    private(set) var messages: [[UInt8]] = []
    /// The association's cumulative TSN before its first chunk.
    private(set) var theirTSN = TSN(rawValue: 0)
    private(set) var tag: UInt32 = 0
    let initialTSN = TSN(rawValue: .max - 10)
    let channel = StreamID(rawValue: 2)

    init(
        seed: UInt64, configuration: SCTPConfiguration = .init(),
        extensions: [UInt8] = [ReconfigurationChunk.type, ForwardTSNChunk.type]
    ) {
        association = SCTPAssociation(
            isDTLSClient: true, configuration: configuration, random: DeterministicRandom(seed: seed))
        _ = try? association.openChannel(label: "n", negotiatedID: channel, now: now)
        let description = AssociationDescription(
            initiateTag: 9, receiverWindow: 1_000_000, outboundStreams: 65535, inboundStreams: 65535,
            initialTSN: initialTSN,
            parameters: [.supportedExtensions(.init(chunkTypes: extensions))])
        send(.initiation(InitChunk(description)))
        guard case .initiationAck(let ack)? = lastAnswer?.chunks.first else { return }
        tag = ack.description.initiateTag
        theirTSN = ack.description.initialTSN.advanced(by: -1)
        for case .stateCookie(let parameter) in ack.description.parameters {
            send(.cookieEcho(CookieEchoChunk(cookie: parameter.cookie)))
        }
    }

    func data(number: Int, isBeginning: Bool, isEnd: Bool, payload: [UInt8]) -> SCTPChunk {
        .data(
            DataChunk(
                tsn: initialTSN.advanced(by: number), stream: channel,
                sequence: StreamSequenceNumber(rawValue: isBeginning && isEnd ? UInt16(truncatingIfNeeded: number) : 0),
                payloadProtocol: .binary, isBeginning: isBeginning, isEnd: isEnd, payload: payload))
    }

    mutating func send(_ chunk: SCTPChunk) {
        send([chunk])
    }

    mutating func send(_ chunks: [SCTPChunk]) {
        let packet = SCTPPacket(sourcePort: 5000, destinationPort: 5000, verificationTag: tag, chunks: chunks)
        association.receive(packet.encoded().rawSpan, now: now)
        drain()
    }

    /// Sends a chunk of a known type with a body of noise.
    mutating func sendNoise(_ random: inout DeterministicRandom) {
        let types: [UInt8] = [0, 3, 4, 5, 7, 8, 9, 130, 192, 1, 2, 11, 0xC1, 0x41]
        let type = types[Int.random(in: 0..<types.count, using: &random)]
        var body = (0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Half of the TSNs and request numbers lie where they have an effect.
        if Bool.random(using: &random) {
            let base = type == 3 ? theirTSN : initialTSN
            let tsn = base.advanced(by: Int.random(in: 0...20, using: &random)).rawValue
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: tsn >> (24 - 8 * UInt32($0))) }
            body = type == 130 ? [0, 13, 0, 18] + bytes + bytes + bytes + [0, 2] : bytes + body
        }
        let flags = UInt8.random(in: 0...15, using: &random)
        send(.unknown(UnknownChunk(type: type, flags: flags, value: body)))
    }

    mutating func drain() {
        while let event = association.pollEvent() {
            lastEvent = event
            if case .message(_, let payload, _) = event { messages.append(payload) }
        }
        while let bytes = association.pollTransmit() {
            lastAnswer = try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true)
        }
    }
}
