import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("Verification tags, RFC 9260 §8.5")
struct SCTPTagTests {
    /// Two associations joined by hand, packet by packet, whose tags are known.
    private struct Wire: ~Copyable {
        var left = SCTPAssociation(isDTLSClient: true, random: DeterministicRandom(seed: 5))
        var right = SCTPAssociation(isDTLSClient: false, random: DeterministicRandom(seed: 6))
        /// The tag of what goes to the left, and of what goes to the right.
        var toLeft: UInt32 = 0
        var toRight: UInt32 = 0

        /// Carries what the left has to say.
        mutating func carryRight() {
            while let bytes = left.pollTransmit() {
                toRight = Self.parsed(bytes)?.verificationTag ?? toRight
                right.receive(bytes.rawSpan, now: .start)
            }
        }

        mutating func carryLeft() {
            while let bytes = right.pollTransmit() {
                toLeft = Self.parsed(bytes)?.verificationTag ?? toLeft
                left.receive(bytes.rawSpan, now: .start)
            }
        }

        mutating func connect() {
            left.connect(now: .start)
            for _ in 0..<3 {
                carryRight()
                carryLeft()
            }
        }

        /// Gives the left a packet, and returns its answers.
        mutating func send(_ chunks: [SCTPChunk], tag: UInt32) -> [SCTPPacket] {
            let packet = SCTPPacket(sourcePort: 5000, destinationPort: 5000, verificationTag: tag, chunks: chunks)
            left.receive(packet.encoded().rawSpan, now: .start)
            // SACKs that wait for a second packet go out, too.
            left.handleTimeout(now: .start + .milliseconds(150))
            var answers: [SCTPPacket] = []
            while let bytes = left.pollTransmit() { Self.parsed(bytes).map { answers.append($0) } }
            return answers
        }

        /// The newest TSN that the left has of the right, and of its own.
        var cumulativeTSN: TSN? { left.control?.received.cumulativeTSN }
        var lastAssignedTSN: TSN? { left.control?.retransmission.lastAssignedTSN }
        var isConnected: Bool { left.isConnected }
        var isEnded: Bool { left.isEnded }

        static func parsed(_ bytes: [UInt8]) -> SCTPPacket? {
            try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true)
        }
    }

    /// What may stand where the tag belongs.
    enum Tag: CaseIterable, Sendable { case ours, theirs, zero, random }

    private func value(_ tag: Tag, _ wire: borrowing Wire) -> UInt32 {
        switch tag {
        case .ours: wire.toLeft
        case .theirs: wire.toRight
        case .zero: 0
        case .random: wire.toLeft ^ 0x0F0F_0F0F
        }
    }

    @Test("INIT counts under zero alone, and never with company", arguments: Tag.allCases)
    func initiation(tag: Tag) {
        let description = AssociationDescription(
            initiateTag: 77, receiverWindow: 100_000, outboundStreams: 10, inboundStreams: 10,
            initialTSN: TSN(rawValue: 5), parameters: [])
        var wire = Wire()
        wire.connect()
        let alone = wire.send([.initiation(InitChunk(description))], tag: value(tag, wire))
        #expect(alone.map(\.verificationTag) == (tag == .zero ? [77] : []))
        let bundled = wire.send(
            [.initiation(InitChunk(description)), .heartbeat(.init(info: [1]))], tag: value(tag, wire))
        #expect(bundled.isEmpty)
        let goesOn = wire.isConnected
        #expect(goesOn)
    }

    @Test("INIT ACK counts under the tag that our INIT named", arguments: Tag.allCases)
    func initiationAck(tag: Tag) {
        var wire = Wire()
        wire.left.connect(now: .start)
        wire.carryRight()
        guard let bytes = wire.right.pollTransmit(), let packet = Wire.parsed(bytes) else {
            Issue.record("no INIT ACK")
            return
        }
        wire.toLeft = packet.verificationTag
        let answers = wire.send(packet.chunks, tag: value(tag, wire))
        let isEchoed = answers.contains { if case .cookieEcho? = $0.chunks.first { true } else { false } }
        #expect(isEchoed == (tag == .ours))
    }

    @Test("COOKIE ACK counts under our tag, and COOKIE ECHO under the one in its cookie", arguments: Tag.allCases)
    func cookies(tag: Tag) {
        var wire = Wire()
        wire.left.connect(now: .start)
        wire.carryRight()
        wire.carryLeft()
        // The left waits for COOKIE ACK; the right is the one that made the cookie.
        guard let echo = wire.left.pollTransmit(), let packet = Wire.parsed(echo) else {
            Issue.record("no COOKIE ECHO")
            return
        }
        wire.toRight = packet.verificationTag
        _ = wire.send([.cookieAck(CookieAckChunk())], tag: value(tag, wire))
        let isLeftConnected = wire.isConnected
        #expect(isLeftConnected == (tag == .ours))
        let toRight = tag == .theirs ? packet.verificationTag : value(tag, wire)
        let copy = SCTPPacket(
            sourcePort: 5000, destinationPort: 5000, verificationTag: toRight, chunks: packet.chunks)
        wire.right.receive(copy.encoded().rawSpan, now: .start)
        let isRightConnected = wire.right.isConnected
        #expect(isRightConnected == (tag == .theirs))
    }

    @Test("Everything of an association that stands counts under our tag alone", arguments: Tag.allCases)
    func established(tag: Tag) throws {
        var wire = Wire()
        wire.connect()
        let open = DataChannelMessage.open(.init(label: "x")).encoded()
        let cumulative = wire.cumulativeTSN
        let next = try #require(cumulative).advanced(by: 1)
        let data = SCTPChunk.data(
            DataChunk(
                tsn: next, stream: StreamID(rawValue: 1), sequence: .first, payloadProtocol: .establishment,
                payload: open))
        let chunks: [SCTPChunk] = [
            data, .heartbeat(.init(info: [1, 2])), .forwardTSN(.init(newCumulativeTSN: next.advanced(by: 3))),
            .unknown(.init(type: 0xC1, flags: 0, value: [])),
        ]
        for chunk in chunks {
            let answers = wire.send([chunk], tag: value(tag, wire))
            #expect(answers.isEmpty == (tag != .ours), "\(chunk)")
        }
        let last = wire.lastAssignedTSN
        let assigned = try #require(last)
        _ = wire.send([.shutdown(ShutdownChunk(cumulativeTSN: assigned))], tag: value(tag, wire))
        let isConnected = wire.isConnected
        #expect(isConnected == (tag != .ours))
    }

    @Test("ABORT counts under our tag, or with the T bit under the peer's", arguments: Tag.allCases, [false, true])
    func abort(tag: Tag, isReflected: Bool) {
        var wire = Wire()
        wire.connect()
        _ = wire.send([.abort(AbortChunk(isTagReflected: isReflected))], tag: value(tag, wire))
        let isEnded = wire.isEnded
        #expect(isEnded == (tag == (isReflected ? .theirs : .ours)))
    }

    @Test("So does SHUTDOWN COMPLETE, and only where one is due", arguments: Tag.allCases, [false, true])
    func shutdownComplete(tag: Tag, isReflected: Bool) throws {
        let complete = SCTPChunk.shutdownComplete(ShutdownCompleteChunk(isTagReflected: isReflected))
        var wire = Wire()
        wire.connect()
        _ = wire.send([complete], tag: value(tag, wire))
        let goesOn = wire.isConnected
        #expect(goesOn)
        let last = wire.lastAssignedTSN
        let assigned = try #require(last)
        _ = wire.send([.shutdown(ShutdownChunk(cumulativeTSN: assigned))], tag: wire.toLeft)
        _ = wire.send([complete], tag: value(tag, wire))
        let isEnded = wire.isEnded
        #expect(isEnded == (tag == (isReflected ? .theirs : .ours)))
    }

    @Test("SHUTDOWN ACK before the handshake is done is answered under its own tag, and changes nothing")
    func shutdownAck() {
        var wire = Wire()
        wire.left.connect(now: .start)
        wire.carryRight()
        let answers = wire.send([.shutdownAck(ShutdownAckChunk())], tag: 4711)
        #expect(answers.first?.verificationTag == 4711)
        #expect(answers.first?.chunks == [.shutdownComplete(ShutdownCompleteChunk(isTagReflected: true))])
        wire.carryLeft()
        wire.carryRight()
        wire.carryLeft()
        let isConnected = wire.isConnected
        #expect(isConnected)
        let late = wire.send([.shutdownAck(ShutdownAckChunk())], tag: wire.toLeft)
        let goesOn = wire.isConnected
        #expect(late.isEmpty && goesOn)
    }
}
