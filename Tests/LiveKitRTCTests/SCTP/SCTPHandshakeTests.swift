import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP handshake and end, RFC 9260 §5, §8.5, §9")
struct SCTPHandshakeTests {
    @Test("Connects whoever begins, with loss of up to a half", arguments: 0..<24)
    func connects(seed: Int) {
        let loss = Double(seed % 6) / 10
        let pair = AssociationPair(seed: UInt64(seed), conditions: .rough(loss: loss))
        if seed % 3 != 1 { pair.left.connect(now: pair.now) }
        if seed % 3 != 0 { pair.right.connect(now: pair.now) }
        pair.run(for: .seconds(120)) { $0.areConnected }
        #expect(pair.areConnected)
        #expect(pair.leftEvents == [.connected] && pair.rightEvents == [.connected])
    }

    @Test("Takes two round trips, one each for INIT and COOKIE ECHO")
    func twoRoundTrips() {
        let pair = AssociationPair(seed: 1)
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(10)) { $0.left.isConnected }
        #expect(pair.now == .start + .milliseconds(80))
        #expect(pair.packets == 4)
    }

    @Test("Keeps trying, and no faster than it may", arguments: [nil, 4])
    func unanswered(limit: Int?) {
        var configuration = SCTPConfiguration()
        configuration.maximumRetransmissions = limit
        let pair = AssociationPair(seed: 1, left: configuration)
        pair.passes = { _, _ in false }
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(60))
        if limit == nil {
            // One each second, after the first two.
            #expect((59...61).contains(pair.packets))
            #expect(pair.leftDeadline != nil)
        } else {
            #expect(pair.packets == 5)
            #expect(pair.leftEvents == [.aborted(.unresponsive)])
            #expect(pair.leftDeadline == nil)
        }
    }

    @Test("An idle association sends heartbeats only, and measures by them")
    func idle() {
        let pair = AssociationPair.connected(seed: 2)
        let before = pair.packets
        pair.run(for: .seconds(100))
        #expect((8...16).contains(pair.packets - before))
        #expect(pair.leftRoundTrip == .milliseconds(40))
    }

    @Test("ABORT ends both sides at once")
    func abort() throws {
        let pair = AssociationPair.connected(seed: 3)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.left.abort(now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.leftEvents.last == .aborted(.local))
        #expect(pair.rightEvents.last == .aborted(.remote(.userInitiatedAbort)))
        #expect(pair.areEnded)
        #expect(throws: SCTPSendError.closed) {
            try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
        }
    }

    @Test("SHUTDOWN delivers what waits, then ends both sides", arguments: 0..<4)
    func shutdown(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: 0.1))
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        for number in 0..<50 {
            try pair.left.send(on: id, message: numbered(number, size: 3000), isBinary: true, now: pair.now)
        }
        pair.left.shutdown(now: pair.now)
        if seed % 2 == 1 { pair.right.shutdown(now: pair.now) }
        pair.run(for: .seconds(60))
        #expect(pair.rightEvents.messages(on: id).count == 50)
        #expect(pair.leftEvents.last == .closed && pair.rightEvents.last == .closed)
        #expect(pair.areEnded)
    }

    @Test("A peer that begins again is noticed; its old channels are closed")
    func restart() throws {
        let pair = AssociationPair.connected(seed: 4)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        pair.leftEvents = []
        pair.right = SCTPAssociation(isDTLSClient: false, random: DeterministicRandom(seed: 99))
        pair.right.connect(now: pair.now)
        pair.run(for: .seconds(5))
        #expect(pair.leftEvents == [.channelClosed(id), .restarted, .connected])
        #expect(pair.areConnected)
        let again = try pair.left.openChannel(label: "b", now: pair.now)
        try pair.left.send(on: again, message: [1, 2], isBinary: true, now: pair.now)
        pair.run(for: .seconds(5))
        #expect(pair.rightEvents.messages(on: again) == [[1, 2]])
    }

    // MARK: RFC 9260 §8.5

    /// Sends one packet to the left side of a connected pair, under a tag.
    private func inject(
        _ chunk: SCTPChunk, tag: (_ ours: UInt32, _ theirs: UInt32) -> UInt32
    ) -> (ended: Bool, answers: [SCTPPacket]) {
        var left = SCTPAssociation(isDTLSClient: true, random: DeterministicRandom(seed: 5))
        var right = SCTPAssociation(isDTLSClient: false, random: DeterministicRandom(seed: 6))
        var ours: UInt32 = 0
        var theirs: UInt32 = 0
        left.connect(now: .start)
        for _ in 0..<4 {
            while let bytes = left.pollTransmit() {
                theirs = (try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true).verificationTag) ?? 0
                right.receive(bytes.rawSpan, now: .start)
            }
            while let bytes = right.pollTransmit() {
                ours = (try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true).verificationTag) ?? 0
                left.receive(bytes.rawSpan, now: .start)
            }
        }
        let areConnected = left.isConnected && right.isConnected
        #expect(areConnected && ours != theirs)
        let packet = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: tag(ours, theirs), chunks: [chunk])
        left.receive(packet.encoded().rawSpan, now: .start)
        var answers: [SCTPPacket] = []
        while let bytes = left.pollTransmit() {
            if let answer = try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) { answers.append(answer) }
        }
        return (left.isEnded, answers)
    }

    @Test("ABORT counts under our tag, or reflected under the peer's")
    func abortTags() {
        let plain = SCTPChunk.abort(AbortChunk())
        let reflected = SCTPChunk.abort(AbortChunk(isTagReflected: true))
        #expect(inject(plain) { ours, _ in ours }.ended)
        #expect(!inject(plain) { _, theirs in theirs }.ended)
        #expect(!inject(plain) { ours, _ in ours &+ 1 }.ended)
        #expect(inject(reflected) { _, theirs in theirs }.ended)
        #expect(!inject(reflected) { ours, _ in ours }.ended)
        #expect(!inject(reflected) { _, _ in 0 }.ended)
    }

    @Test("INIT counts only under tag zero; everything else only under ours")
    func otherTags() {
        let description = AssociationDescription(
            initiateTag: 77, receiverWindow: 100_000, outboundStreams: 10, inboundStreams: 10,
            initialTSN: TSN(rawValue: 5), parameters: [.unknown(.init(type: 0xC111, value: [1]))])
        #expect(inject(.initiation(.init(description))) { ours, _ in ours }.answers.isEmpty)
        let answers = inject(.initiation(.init(description))) { _, _ in 0 }.answers
        #expect(answers.map(\.verificationTag) == [77])
        guard case .initiationAck(let ack)? = answers.first?.chunks.first else {
            Issue.record("no INIT ACK")
            return
        }
        #expect(ack.description.parameters.contains(.unrecognized(.init(parameter: [0xC1, 0x11, 0, 5, 1, 0, 0, 0]))))

        let heartbeat = SCTPChunk.heartbeat(.init(info: [1, 2]))
        #expect(inject(heartbeat) { ours, _ in ours }.answers.map(\.chunks) == [[.heartbeatAck(.init(info: [1, 2]))]])
        #expect(inject(heartbeat) { _, theirs in theirs }.answers.isEmpty)
        #expect(inject(heartbeat) { _, _ in 0 }.answers.isEmpty)
        #expect(inject(.heartbeat(.init(info: .init(repeating: 1, count: 1100)))) { ours, _ in ours }.answers.isEmpty)
        #expect(!inject(.shutdownComplete(.init())) { ours, _ in ours }.ended)
    }

    @Test("Unknown chunks are reported if their type asks for it")
    func unknownChunks() {
        let reported = inject(.unknown(.init(type: 0xC1, flags: 0, value: []))) { ours, _ in ours }.answers
        let cause = SCTPErrorCause(.unrecognizedChunk, information: [0xC1, 0, 0, 4])
        #expect(reported.map(\.chunks) == [[.error(.init(causes: [cause]))]])
        #expect(inject(.unknown(.init(type: 0x81, flags: 0, value: []))) { ours, _ in ours }.answers.isEmpty)
    }

    @Test("ABORT with a random tag while waiting for INIT ACK changes nothing")
    func abortInCookieWait() {
        var left = SCTPAssociation(isDTLSClient: true, random: DeterministicRandom(seed: 5))
        left.connect(now: .start)
        for isReflected in [true, false] {
            let packet = SCTPPacket(
                sourcePort: 5000, destinationPort: 5000, verificationTag: 12345,
                chunks: [.abort(.init(isTagReflected: isReflected))])
            left.receive(packet.encoded().rawSpan, now: .start)
        }
        let goesOn = !left.isEnded && left.deadline != nil
        #expect(goesOn)
    }

    @Test("Sends zero checksums only to a peer that welcomes them (RFC 9653)", arguments: [true, false])
    func zeroChecksum(isWelcome: Bool) throws {
        var configuration = SCTPConfiguration()
        configuration.acceptsZeroChecksum = isWelcome
        let pair = AssociationPair.connected(seed: 8, right: configuration)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
        let polled = pair.left.pollTransmit()
        let packet = try #require(polled)
        #expect((packet[8..<12] == [0, 0, 0, 0]) == isWelcome)
        pair.right.receive(packet.rawSpan, now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.rightEvents.messages(on: id) == [[1]])
    }
}
