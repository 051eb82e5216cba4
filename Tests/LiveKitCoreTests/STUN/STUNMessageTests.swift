import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("STUNMessage, RFC 8489")
struct STUNMessageTests {
    private let key = STUNKey(password: RFC5769.password)

    @Test("The request of RFC 5769 §2.1 is read, authenticated and written again byte for byte")
    func decodesTheRequestVector() throws {
        let message = try STUNMessage(parsing: RFC5769.request)
        #expect(message.messageClass == .request)
        #expect(message.method == .binding)
        #expect(message.username == "evtj:h6vY")
        #expect(message.priority == 0x6E00_01FF)
        #expect(message.attributes.contains(.iceControlled(0x932F_F9B1_5126_3B36)))
        #expect(message.attributes.contains(.software("STUN test client")))
        #expect(message.hasFingerprint)
        #expect(message.isAuthentic(key: key))
        #expect(!message.isAuthentic(key: STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBT")))
        #expect(message.encoded(key: key, padding: 0x20) == RFC5769.request)
    }

    @Test("The responses of RFC 5769 §2.2 and §2.3 give the mapped address")
    func decodesTheResponseVectors() throws {
        let vectors: [([UInt8], String)] = [
            (RFC5769.responseIPv4, "192.0.2.1"), (RFC5769.responseIPv6, "2001:db8:1234:5678:11:2233:4455:6677"),
        ]
        for (bytes, host) in vectors {
            let message = try STUNMessage(parsing: bytes)
            #expect(message.messageClass == .success)
            #expect(message.mappedAddress == TransportAddress(host: host, port: 32853))
            #expect(message.isAuthentic(key: key))
            #expect(message.encoded(key: key, padding: 0x20) == bytes)
        }
    }

    @Test("The long-term request of RFC 5769 §2.4 is authenticated by its MD5 key")
    func decodesTheLongTermVector() throws {
        let message = try STUNMessage(parsing: RFC5769.longTermRequest)
        #expect(message.username == RFC5769.longTermUsername)
        #expect(message.attributes.contains(.realm("example.org")))
        #expect(message.attributes.contains(.nonce("f//499k954d6OL34oL9FSTvy64sA")))
        let key = STUNKey(username: RFC5769.longTermUsername, realm: "example.org", password: "TheMatrIX")
        #expect(message.isAuthentic(key: key))
        #expect(!message.hasFingerprint)
        #expect(message.encoded(key: key, fingerprint: false) == RFC5769.longTermRequest)
    }

    @Test("No flipped bit changes what an authentic message says")
    func refusesFlippedBits() throws {
        let longTermKey = STUNKey(username: RFC5769.longTermUsername, realm: "example.org", password: "TheMatrIX")
        for vector in RFC5769.all {
            let key = vector == RFC5769.longTermRequest ? longTermKey : key
            let original = try STUNMessage(parsing: vector)
            #expect(original.isAuthentic(key: key))
            for bit in 0..<vector.count * 8 {
                var bytes = vector
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let message = try? STUNMessage(parsing: bytes)
                guard let message, message.isAuthentic(key: key) else { continue }
                // Only FINGERPRINT's own type, which the integrity does not cover, may have become another.
                #expect(message.attributes == original.attributes && !message.hasFingerprint, "bit \(bit)")
            }
        }
    }

    @Test("Every truncation throws")
    func refusesTruncations() {
        for vector in RFC5769.all {
            for count in 0..<vector.count {
                let bytes = Array(vector.prefix(count))
                #expect(throws: WireError.self) { try STUNMessage(parsing: bytes) }
                #expect(!RFC5769.looksLikeSTUN(bytes))
            }
        }
    }

    @Test("Attributes appended after the integrity are ignored, and the message stays authentic")
    func ignoresAttributesAfterIntegrity() throws {
        let id = STUNTransactionID(high: 1, low: 2)
        let plain = STUNMessage(class: .request, method: .binding, transactionID: id, attributes: [.username("a:b")])
        var bytes = plain.encoded(key: key, fingerprint: false)
        bytes += [0x00, 0x25, 0, 0, 0x00, 0x06, 0, 4] + Array("evil".utf8)
        bytes[3] += 12
        let message = try STUNMessage(parsing: bytes)
        #expect(message.attributes == [.username("a:b")])
        #expect(!message.nominates)
        #expect(message.isAuthentic(key: key))
    }

    @Test("A message without integrity is never authentic")
    func wantsIntegrity() throws {
        let id = STUNTransactionID(high: 1, low: 2)
        let bytes = STUNMessage(class: .request, method: .binding, transactionID: id).encoded()
        #expect(try !STUNMessage(parsing: bytes).isAuthentic(key: key))
    }

    @Test("A zero-length XOR-MAPPED-ADDRESS throws")
    func refusesAnEmptyAddress() {
        // The input that CVE hunters found in another stack, with a length that fits.
        let bytes = RFC5769.bytes("010100042112a44200000000000000000000000000200000")
        #expect(throws: WireError.self) { try STUNMessage(parsing: bytes) }
    }

    @Test("Padding is zero unless asked otherwise")
    func padsWithZeros() {
        let id = STUNTransactionID(high: 7, low: 9)
        let message = STUNMessage(
            class: .request, method: .binding, transactionID: id, attributes: [.username("abcde")])
        #expect(message.encoded(fingerprint: false).suffix(8) == Array("abcde".utf8) + [0, 0, 0])
    }

    @Test("Class and method survive every combination")
    func roundTripsTypes() throws {
        let id = STUNTransactionID(high: 7, low: 9)
        for messageClass in [STUNMessage.Class.request, .indication, .success, .error] {
            for method in 0..<UInt16(0x1000) {
                let message = STUNMessage(class: messageClass, method: .init(rawValue: method), transactionID: id)
                let parsed = try STUNMessage(parsing: message.encoded(fingerprint: false))
                #expect(parsed.messageClass == messageClass && parsed.method.rawValue == method)
            }
        }
    }

    @Test("More attributes than the limit throw")
    func boundsTheAttributes() {
        let id = STUNTransactionID(high: 7, low: 9)
        let attributes = Array(repeating: STUNAttribute.other(type: 0xC000, value: []), count: 65)
        let message = STUNMessage(class: .request, method: .binding, transactionID: id, attributes: attributes)
        #expect(throws: WireError.invalid(.attributeCount)) { try STUNMessage(parsing: message.encoded()) }
    }

    @Test("CRC-32 has its check value")
    func computesTheCheckValue() {
        #expect(CRC32.checksum(of: Array("123456789".utf8).rawSpan) == 0xCBF4_3926)
    }
}
