import LiveKitCore
import Testing

@Suite("CRC32c, RFC 9260 appendix A")
struct CRC32cTests {
    static let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
    ]

    @Test("Matches the published vectors", arguments: vectors)
    func matches(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32c.checksum(of: bytes.rawSpan) == expected)
    }

    @Test("Does not depend on how the bytes are divided")
    func division() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let whole = CRC32c.checksum(of: bytes.rawSpan)
        for cut in 0...bytes.count {
            var check = CRC32c()
            check.add(Array(bytes[..<cut]).rawSpan)
            check.add(Array(bytes[cut...]).rawSpan)
            #expect(check.value == whole)
        }
    }
}
