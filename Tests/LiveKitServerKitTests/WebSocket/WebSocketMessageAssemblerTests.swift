import LiveKitCore
import NIOCore
import NIOWebSocket
import Testing

@testable import LiveKitServerKit

@Suite("WebSocket messages, RFC 6455 §5")
struct WebSocketMessageAssemblerTests {
    private func frame(
        _ opcode: WebSocketOpcode, _ text: String, fin: Bool = true, masked: Bool = true, reserved: Bool = false
    ) -> WebSocketFrame {
        var data = ByteBuffer(string: text)
        let key = WebSocketMaskingKey([1, 2, 3, 4])
        if masked, let key { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, rsv1: reserved, opcode: opcode, maskKey: masked ? key : nil, data: data)
    }

    private func all(_ frames: [WebSocketFrame], limit: Int = 100) throws -> [WebSocketMessageAssembler.Input] {
        var assembler = WebSocketMessageAssembler(maximumBytes: limit)
        return try frames.map { try assembler.receive($0) }
    }

    @Test("Fragments make one message, and control frames may stand between them")
    func fragments() throws {
        let inputs = try all([
            frame(.text, "one ", fin: false), frame(.ping, "p"), frame(.continuation, "two", fin: true),
            frame(.binary, "b"),
        ])
        #expect(
            inputs == [.nothing, .ping(ByteBuffer(string: "p")), .text("one two"), .binary(ByteBuffer(string: "b"))])
    }

    @Test(
        "Frames out of order, unmasked or with reserved bits are protocol errors",
        arguments: [0, 1, 2, 3, 4, 5])
    func violations(_ index: Int) {
        let sequences: [[WebSocketFrame]] = [
            [frame(.continuation, "x")],
            [frame(.text, "x", fin: false), frame(.text, "y")],
            [frame(.text, "x", masked: false)],
            [frame(.text, "x", reserved: true)],
            [frame(.ping, "x", fin: false)],
            [frame(.ping, String(repeating: "x", count: 126))],
        ]
        #expect(throws: WebSocketMessageAssembler.Violation.protocolError) { try all(sequences[index], limit: 1000) }
    }

    @Test("A message that grows beyond the limit is too large, however it is cut")
    func tooLarge() throws {
        let whole = [frame(.binary, String(repeating: "x", count: 101))]
        #expect(throws: WebSocketMessageAssembler.Violation.tooLarge) { try all(whole) }
        let cut = [
            frame(.binary, String(repeating: "x", count: 60), fin: false),
            frame(.continuation, String(repeating: "x", count: 60)),
        ]
        #expect(throws: WebSocketMessageAssembler.Violation.tooLarge) { try all(cut) }
        let crumbs =
            [frame(.binary, "", fin: false)]
            + Array(repeating: frame(.continuation, "", fin: false), count: 1024)
        #expect(throws: WebSocketMessageAssembler.Violation.tooLarge) { try all(crumbs) }
        #expect(try all([frame(.binary, String(repeating: "x", count: 100))]).count == 1)
    }

    @Test("Text that is not UTF-8 is refused")
    func notUTF8() {
        let data = ByteBuffer(bytes: [0xC3, 0x28])
        let bad = WebSocketFrame(fin: true, opcode: .text, maskKey: [0, 0, 0, 0], data: data)
        #expect(throws: WebSocketMessageAssembler.Violation.notUTF8) { try all([bad]) }
    }

    @Test("A close frame gives its code, and one byte of it is an error")
    func close() throws {
        var data = ByteBuffer()
        data.write(webSocketErrorCode: .goingAway)
        let close = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: [0, 0, 0, 0], data: data)
        #expect(try all([close]) == [.close(.goingAway)])
        #expect(throws: WebSocketMessageAssembler.Violation.protocolError) { try all([frame(.connectionClose, "x")]) }
    }

    @Test("Random frames never trap")
    func random() {
        var random = DeterministicRandom(seed: 7)
        for _ in 0..<2000 {
            var assembler = WebSocketMessageAssembler(maximumBytes: 50)
            for _ in 0..<8 {
                let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let opcode = WebSocketOpcode(encodedWebSocketOpcode: .random(in: 0...15, using: &random)) ?? .text
                let frame = WebSocketFrame(
                    fin: .random(using: &random), opcode: opcode,
                    maskKey: Bool.random(using: &random) ? [9, 9, 9, 9] : nil, data: ByteBuffer(bytes: bytes))
                if (try? assembler.receive(frame)) == nil { break }
            }
        }
    }
}
