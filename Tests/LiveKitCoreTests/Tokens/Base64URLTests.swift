import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Base64URL, RFC 7515 §2")
struct Base64URLTests {
    @Test("Encodes and decodes the vectors of RFC 4648 §10, without padding")
    func vectors() {
        let vectors = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, encoded) in vectors {
            #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
            #expect(Base64URL.decode(encoded.utf8) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test(
        "Refuses every other spelling",
        arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v\n", " Zm9v", "Zm9vZ", "Zm\u{e9}v", "Zm9v."])
    func refusals(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }

    @Test("Random bytes come back")
    func roundTrip() {
        var random = DeterministicRandom(seed: 7)
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
    }
}
