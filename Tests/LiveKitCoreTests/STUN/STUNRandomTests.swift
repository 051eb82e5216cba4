import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("STUNMessage under chance, RFC 8489")
struct STUNRandomTests {
    @Test("Random messages survive the round trip", arguments: 1...4 as ClosedRange<UInt64>)
    func roundTrips(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let key = STUNKey(password: "correct horse battery")
        for _ in 0..<200 {
            let attributes = (0..<Int.random(in: 0...12, using: &random)).map { _ in attribute(&random) }
            let message = STUNMessage(
                class: .request, method: .binding, transactionID: STUNTransactionID(using: &random),
                attributes: attributes)
            let parsed = try STUNMessage(parsing: message.encoded(key: key))
            #expect(parsed.attributes == attributes)
            #expect(parsed.transactionID == message.transactionID)
            #expect(parsed.isAuthentic(key: key))
            #expect(parsed.hasFingerprint)
        }
    }

    @Test("Random bytes never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func survivesNoise(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count >= 20, Bool.random(using: &random) {
                let length = UInt8(bytes.count - 20)
                bytes.replaceSubrange(0..<8, with: [0, 1, 0, length & 0xFC, 0x21, 0x12, 0xA4, 0x42])
                bytes.removeLast(Int(length & 3))
            }
            exercise(bytes)
        }
    }

    @Test("Mutated vectors never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func survivesMutation(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        for vector in RFC5769.all {
            for _ in 0..<500 {
                var bytes = vector
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 20..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                exercise(bytes)
            }
        }
    }

    @Test("The corpora of other stacks never trap", .enabled(if: TestData.root != nil, "needs the test data"))
    func survivesCorpora() throws {
        let files =
            TestData.files(in: "webrtc-bsd3/stun-corpus", suffix: ".stun")
            + TestData.files(in: "mediasoup-isc") + TestData.files(in: "pion-mit/stun-testdata/fuzz")
        #expect(!files.isEmpty)
        for file in files { exercise(try TestData.bytes(of: file)) }
    }

    private func exercise(_ bytes: [UInt8]) {
        let key = STUNKey(password: "x")
        _ = STUNMessage.looksLikeSTUN(bytes.rawSpan)
        _ = STUNMessage.receiverUfrag(of: bytes.rawSpan)
        guard let message = try? STUNMessage(parsing: bytes) else { return }
        #expect(!message.isAuthentic(key: key))
        #expect(RFC5769.looksLikeSTUN(bytes))
        _ = message.encoded(key: key)
    }

    private func attribute(_ random: inout DeterministicRandom) -> STUNAttribute {
        let port = UInt16.random(in: 0...(.max), using: &random)
        let text = String(repeating: "t", count: Int.random(in: 0...40, using: &random))
        switch Int.random(in: 0...12, using: &random) {
        case 0: return .mappedAddress(TransportAddress(ipv4: 0x0A00_0001, port: port))
        case 1:
            return .xorMappedAddress(TransportAddress(ipv4: UInt32.random(in: 0...(.max), using: &random), port: port))
        case 2: return .xorMappedAddress(TransportAddress(ipv6High: random.next() | 1, low: random.next(), port: port))
        case 3: return .username(text)
        case 4: return .errorCode(STUNErrorCode(code: UInt16.random(in: 300...699, using: &random), reason: text))
        case 5: return .unknownAttributes([port, port &+ 1])
        case 6: return .software(text)
        case 7: return .realm(text)
        case 8: return .nonce(text)
        case 9: return .priority(UInt32.random(in: 0...(.max), using: &random))
        case 10: return .useCandidate
        case 11: return .iceControlling(random.next())
        default: return .other(type: 0xC057, value: Array(text.utf8))
        }
    }
}

@Suite("STUN demultiplexing, RFC 8489 §5 and RFC 8445 §7.2.2")
struct STUNPeekingTests {
    @Test("The receiver's ufrag is found without parsing")
    func findsTheUfrag() {
        #expect(RFC5769.receiverUfrag(of: RFC5769.request) == "evtj")
        let request = RFC5769.request
        var name: [UInt8] = []
        if let username = STUNMessage.username(of: request.rawSpan) { name = [UInt8](copying: username) }
        #expect(name == Array("evtj:h6vY".utf8))
    }

    @Test("A message without USERNAME or without a colon has no ufrag")
    func findsNothing() {
        #expect(RFC5769.receiverUfrag(of: RFC5769.responseIPv4) == nil)
        #expect(RFC5769.receiverUfrag(of: RFC5769.longTermRequest) == nil)
    }

    @Test("Only bytes that begin like STUN look like it")
    func recognisesSTUN() {
        #expect(RFC5769.all.allSatisfy { RFC5769.looksLikeSTUN($0) })
        for first in UInt8(0x40)...255 {
            var bytes = RFC5769.request
            bytes[0] = first
            #expect(!RFC5769.looksLikeSTUN(bytes))
        }
    }
}
