import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP cookies and restarts, RFC 9260 §5.1.3 to §5.2")
struct SCTPCookieTests {
    private func packet(_ chunks: [SCTPChunk], tag: UInt32) -> [UInt8] {
        SCTPPacket(sourcePort: 5000, destinationPort: 5000, verificationTag: tag, chunks: chunks).encoded()
    }

    private static let description = AssociationDescription(
        initiateTag: 77, receiverWindow: 100_000, outboundStreams: 10, inboundStreams: 10,
        initialTSN: TSN(rawValue: 5), parameters: [])

    /// A listener's answer to INIT: its tag and its cookie.
    private func cookie(
        of association: inout SCTPAssociation, now: MediaInstant
    ) throws -> (tag: UInt32, cookie: [UInt8]) {
        association.receive(packet([.initiation(.init(Self.description))], tag: 0).rawSpan, now: now)
        let polled = association.pollTransmit()
        let answer = try SCTPPacket(parsing: try #require(polled), acceptsZeroChecksum: true)
        guard case .initiationAck(let ack)? = answer.chunks.first,
            case .stateCookie(let parameter)? = ack.description.parameters.first
        else {
            Issue.record("no INIT ACK with a cookie")
            return (0, [])
        }
        return (ack.description.initiateTag, parameter.cookie)
    }

    private func listener() -> SCTPAssociation {
        SCTPAssociation(isDTLSClient: false, random: DeterministicRandom(seed: 5))
    }

    private func chunks(of association: inout SCTPAssociation) -> [SCTPChunk] {
        var chunks: [SCTPChunk] = []
        while let bytes = association.pollTransmit() {
            chunks += (try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true).chunks) ?? []
        }
        return chunks
    }

    @Test("A cookie comes back changed in any bit, cut or prolonged, and nothing happens")
    func forgedCookies() throws {
        var association = listener()
        let (tag, cookie) = try cookie(of: &association, now: .start)
        var forged: [[UInt8]] = cookie.indices.map { index in
            var bytes = cookie
            bytes[index] ^= 1 << UInt8(index % 8)
            return bytes
        }
        forged += [[], Array(cookie.dropLast()), cookie + [0], [UInt8](repeating: 0, count: cookie.count)]
        for bytes in forged {
            association.receive(packet([.cookieEcho(.init(cookie: bytes))], tag: tag).rawSpan, now: .start)
            #expect(chunks(of: &association).isEmpty)
        }
        let isConnected = association.isConnected
        #expect(!isConnected)
        association.receive(packet([.cookieEcho(.init(cookie: cookie))], tag: tag).rawSpan, now: .start)
        #expect(chunks(of: &association) == [.cookieAck(.init())])
    }

    @Test("Cookies made with another key are refused, those made with the same key are not")
    func keys() throws {
        let random = DeterministicRandom(seed: 5)
        let key = [UInt8](repeating: 9, count: 32)
        var maker = SCTPAssociation(isDTLSClient: false, random: random, cookieKey: key)
        let (tag, cookie) = try cookie(of: &maker, now: .start)
        let echo = packet([.cookieEcho(.init(cookie: cookie))], tag: tag)
        for (otherKey, isGood) in [(key, true), ([UInt8](repeating: 8, count: 32), false)] {
            var other = SCTPAssociation(
                isDTLSClient: false, random: DeterministicRandom(seed: 6), cookieKey: otherKey)
            other.receive(echo.rawSpan, now: .start)
            let isConnected = other.isConnected
            #expect(isConnected == isGood)
        }
    }

    @Test("A cookie past its lifetime is answered with how late it came")
    func staleCookie() throws {
        var association = listener()
        let (tag, cookie) = try cookie(of: &association, now: .start)
        let echo = packet([.cookieEcho(.init(cookie: cookie))], tag: tag)
        association.receive(echo.rawSpan, now: .start + .milliseconds(60_250))
        let cause = SCTPErrorCause(.staleCookie, information: [0, 0x03, 0xD0, 0x90])
        #expect(chunks(of: &association) == [.error(.init(causes: [cause]))])
        let isConnected = association.isConnected
        #expect(!isConnected)
    }

    @Test("The cookie that made an association is good for ever, for its COOKIE ACK may have been lost")
    func repeatedCookie() throws {
        var association = listener()
        let (tag, cookie) = try cookie(of: &association, now: .start)
        let echo = packet([.cookieEcho(.init(cookie: cookie))], tag: tag)
        association.receive(echo.rawSpan, now: .start)
        _ = chunks(of: &association)
        association.receive(echo.rawSpan, now: .start + .seconds(3600))
        #expect(chunks(of: &association).first == .cookieAck(.init()))
    }

    @Test("A handshake that took too long begins again, and succeeds")
    func handshakeAfterStaleCookie() throws {
        var impatient = SCTPConfiguration()
        impatient.cookieLifetime = .milliseconds(100)
        let pair = AssociationPair(seed: 3, right: impatient)
        let drop = PacketDrop()
        drop.drop(1, to: .right, type: CookieEchoChunk.type)
        drop.install(on: pair)
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(5)) { $0.areConnected }
        #expect(pair.areConnected)
        #expect(drop.chunks(to: .right, { $0.type == InitChunk.type ? true : nil }).count == 2)
        #expect(pair.leftEvents == [.connected] && pair.rightEvents == [.connected])
    }

    @Test("A responder to which every cookie is too old is given up")
    func staleForEver() throws {
        var impatient = SCTPConfiguration()
        impatient.cookieLifetime = .milliseconds(10)
        let pair = AssociationPair(seed: 3, right: impatient)
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(60)) { $0.left.isEnded }
        #expect(pair.leftEvents == [.aborted(.unresponsive)])
    }

    @Test("Restarts under loss always end in one working association", arguments: 0..<8)
    func restarts(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: 0.2))
        for round in 0..<3 {
            let id = try pair.left.openChannel(label: "a", now: pair.now)
            for number in 0..<20 {
                try pair.left.send(on: id, message: numbered(number, size: 3000), isBinary: true, now: pair.now)
            }
            pair.run(for: .milliseconds(Int64(seed) * 40))
            pair.right = SCTPAssociation(
                isDTLSClient: false, random: DeterministicRandom(seed: seed * 10 + UInt64(round) + 500))
            pair.leftEvents = []
            pair.rightEvents = []
            pair.right.connect(now: pair.now)
            pair.run(for: .seconds(60)) { $0.areConnected && $0.leftEvents.contains(.restarted) }
            #expect(pair.areConnected)
            #expect(pair.leftEvents.contains(.channelClosed(id)))
            let again = try pair.right.openChannel(label: "b", now: pair.now)
            try pair.right.send(on: again, message: [UInt8(round)], isBinary: true, now: pair.now)
            pair.run(for: .seconds(60)) { !$0.leftEvents.messages(on: again).isEmpty }
            #expect(pair.leftEvents.messages(on: again) == [[UInt8(round)]])
        }
    }

    @Test("INIT without streams is answered with ABORT, INIT without a tag not at all")
    func senselessInit() {
        var association = listener()
        var description = Self.description
        description.inboundStreams = 0
        association.receive(packet([.initiation(.init(description))], tag: 0).rawSpan, now: .start)
        #expect(chunks(of: &association) == [.abort(.init(causes: [.init(.invalidParameter)]))])
        description.inboundStreams = 5
        description.initiateTag = 0
        association.receive(packet([.initiation(.init(description))], tag: 0).rawSpan, now: .start)
        #expect(chunks(of: &association).isEmpty)
        let isEnded = association.isEnded
        #expect(!isEnded)
    }
}
