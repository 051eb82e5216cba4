import LiveKitCore
import NIOCore
import NIOWebSocket
import Testing

@testable import LiveKitServerKit

@Suite("Compressed WebSocket messages, RFC 7692")
struct PerMessageDeflateTests {
    private static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(
        "Offers are taken as the RFC has them, with windows that are not kept",
        arguments: [
            (["permessage-deflate"], plain),
            (["permessage-deflate; client_max_window_bits"], plain),
            (["permessage-deflate;client_max_window_bits=10 ; server_no_context_takeover"], plain),
            (["permessage-deflate; server_max_window_bits=10"], plain + "; server_max_window_bits=10"),
            (["permessage-deflate; server_max_window_bits=\"12\""], plain + "; server_max_window_bits=12"),
            (["x-other, permessage-deflate; nonsense", "permessage-deflate"], plain),
            (["permessage-deflate; server_max_window_bits=8, permessage-deflate"], plain),
        ])
    func accepts(_ offers: [String], _ response: String) {
        #expect(PerMessageDeflate(offers: offers)?.response == response)
    }

    @Test(
        "Offers that cannot be kept to are not taken",
        arguments: [
            "", ",,,", "x-webkit-deflate-frame", "permessage-deflate; unknown", "permessage-deflate;",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "PERMESSAGE-DEFLATE=",
        ])
    func declines(_ offer: String) {
        #expect(PerMessageDeflate(offers: [offer]) == nil)
    }

    @Test("Only so many offers are looked at")
    func boundsTheOffers() {
        #expect(PerMessageDeflate(offers: Array(repeating: "x", count: 16) + ["permessage-deflate"]) == nil)
    }

    private func frame(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true, isCompressed: Bool = true
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: bytes)
        let key = WebSocketMaskingKey([9, 8, 7, 6])
        if let key { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, rsv1: isCompressed, opcode: opcode, maskKey: key, data: data)
    }

    private func assembler(limit: Int = 1000) -> WebSocketMessageAssembler {
        WebSocketMessageAssembler(maximumBytes: limit, compression: PerMessageDeflate(offers: ["permessage-deflate"]))
    }

    /// §7.2.3.1 and its neighbours: the same word in one block, in two, stored, and with a last block.
    private static let examples: [[UInt8]] = [
        [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
        [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
        [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
        [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
    ]

    @Test("The RFC's messages are read, whole and in fragments", arguments: examples)
    func readsExamples(_ example: [UInt8]) throws {
        var assembler = assembler()
        #expect(try assembler.receive(frame(.text, example)) == .text("Hello"))
        #expect(try assembler.receive(frame(.text, Array(example.prefix(3)), fin: false)) == .nothing)
        let rest = frame(.continuation, Array(example.dropFirst(3)), isCompressed: false)
        #expect(try assembler.receive(rest) == .text("Hello"))
        #expect(
            try assembler.receive(frame(.binary, Array("raw".utf8), isCompressed: false))
                == .binary(ByteBuffer(string: "raw")))
        #expect(try assembler.receive(frame(.binary, [0x00])) == .binary(ByteBuffer()))
    }

    @Test("No message refers to the one before")
    func keepsNoWindow() throws {
        var assembler = assembler()
        _ = try assembler.receive(frame(.text, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]))
        #expect(throws: WebSocketMessageAssembler.Violation.notDeflated) {
            try assembler.receive(frame(.text, [0xF2, 0x00, 0x11, 0x00, 0x00]))
        }
    }

    @Test("The limit counts before and after inflating")
    func isBounded() throws {
        let message = [UInt8](repeating: 0x20, count: 100_000)
        let short = try #require(Deflater.deflate(message, windowBits: 15))
        #expect(short.count < 1000)
        var roomy = assembler(limit: 100_000)
        #expect(try roomy.receive(frame(.binary, short)) == .binary(ByteBuffer(bytes: message)))
        var tight = assembler(limit: 99_999)
        #expect(throws: WebSocketMessageAssembler.Violation.tooLarge) { try tight.receive(frame(.binary, short)) }
        var tiny = assembler(limit: short.count - 1)
        #expect(throws: WebSocketMessageAssembler.Violation.tooLarge) { try tiny.receive(frame(.binary, short)) }
    }

    @Test("Compression marked where it was not agreed, or not on a message's first frame, is a protocol error")
    func refusesStrayMarks() throws {
        var without = WebSocketMessageAssembler(maximumBytes: 100)
        let violation = WebSocketMessageAssembler.Violation.protocolError
        #expect(throws: violation) { try without.receive(frame(.text, Self.examples[0])) }
        var ping = assembler()
        #expect(throws: violation) { try ping.receive(frame(.ping, [])) }
        var continued = assembler()
        _ = try continued.receive(frame(.text, [0xF2], fin: false))
        #expect(throws: violation) { try continued.receive(frame(.continuation, [0x48])) }
    }

    @Test("What is not compressed, and text that is none, is refused with 1007")
    func refusesGarbage() throws {
        var assembler = assembler()
        #expect(throws: WebSocketMessageAssembler.Violation.notDeflated) {
            try assembler.receive(frame(.binary, [0xFF, 0xFF, 0xFF]))
        }
        let short = try #require(Deflater.deflate([UInt8](repeating: 0xFF, count: 600), windowBits: 15))
        #expect(throws: WebSocketMessageAssembler.Violation.notUTF8) { try assembler.receive(frame(.text, short)) }
    }

    @Test("Random bytes never do more than fail", arguments: 0..<8 as Range<UInt64>)
    func survivesRandomBytes(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var assembler = assembler(limit: 10_000)
            _ = try? assembler.receive(frame(Bool.random(using: &random) ? .text : .binary, bytes))
        }
    }

    @Test(
        "What the server compresses fits the client's window and comes back whole", arguments: [9, 12, 15] as [Int32])
    func roundTrip(_ bits: Int32) throws {
        let compression = try #require(
            PerMessageDeflate(offers: ["permessage-deflate; server_max_window_bits=\(bits)"]))
        var random = DeterministicRandom(seed: 5)
        for size in [512, 2000, 70_000] {
            let message = (0..<size).map { _ in UInt8.random(in: 65...70, using: &random) }
            let short = try #require(compression.compressed(message))
            #expect(short.count < message.count)
            let client = try Inflater(.raw(windowBits: bits))
            var output: [UInt8] = []
            try client.inflate(short + PerMessageDeflate.tail, into: &output, limit: size)
            #expect(output == message)
        }
        #expect(compression.compressed(Array(repeating: 1, count: 511)) == nil, "too short to be worth it")
        let noise = (0..<600).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(compression.compressed(noise) == nil, "it would only grow")
    }
}
