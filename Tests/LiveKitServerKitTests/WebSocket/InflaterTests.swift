import Testing

@testable import LiveKitServerKit

@Suite("Inflating, RFC 1951")
struct InflaterTests {
    /// "Hello" with a fixed Huffman code, as RFC 7692 §7.2.3.1 has it, with the tail that a message leaves out.
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF]

    @Test("The RFC's example inflates, whole and byte by byte")
    func inflatesTheExample() throws {
        let whole = try Inflater(.raw(windowBits: 15))
        var output: [UInt8] = []
        try whole.inflate(Self.hello, into: &output, limit: 5)
        #expect(output == Array("Hello".utf8))

        let pieces = try Inflater(.raw(windowBits: 15))
        output = []
        for byte in Self.hello { try pieces.inflate([byte], into: &output, limit: 5) }
        #expect(output == Array("Hello".utf8))
    }

    @Test("What came before is remembered until it is forgotten")
    func keepsItsWindow() throws {
        let inflater = try Inflater(.raw(windowBits: 15))
        var output: [UInt8] = []
        try inflater.inflate(Self.hello, into: &output, limit: 100)
        // RFC 7692 §7.2.3.2: the same word again, as a reference to the first.
        let again: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF]
        try inflater.inflate(again, into: &output, limit: 100)
        #expect(output == Array("HelloHello".utf8))
        inflater.reset()
        #expect(throws: InflationFailure.malformed) { try inflater.inflate(again, into: &output, limit: 100) }
    }

    @Test("One byte above the limit is too much")
    func isBounded() throws {
        let inflater = try Inflater(.raw(windowBits: 15))
        var output: [UInt8] = []
        #expect(throws: InflationFailure.tooLarge) { try inflater.inflate(Self.hello, into: &output, limit: 4) }
        #expect(output.count <= 5)
    }

    @Test("A bomb stops at the limit")
    func stopsABomb() throws {
        // A block of zeros: one literal, and copies of 258 bytes by one bit each (RFC 1951 §3.2.7), as zlib makes them.
        let bomb = JoinRequestTests.stored(Array(repeating: 0, count: 300_000))
        var inflated: [UInt8] = []
        #expect(throws: InflationFailure.tooLarge) {
            try Inflater(.gzip).inflate(bomb, into: &inflated, limit: 100_000)
        }
        #expect(inflated.count <= 100_001)
    }
}
