import LiveKitCore
import NIOCore
import NIOWebSocket

#if canImport(LiveKitServerKit)
@testable import LiveKitServerKit
#endif

/// Frames of a client in any order and of any content, compressed or said to be, put together to messages.
struct WebSocketModel {
    private static let limit = 4096

    static func run(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard let flags = rest.popFirst() else { return }
        let offer = flags & 1 == 0 ? "" : "permessage-deflate; client_max_window_bits"
        var assembler = WebSocketMessageAssembler(
            maximumBytes: limit, compression: PerMessageDeflate(offers: [offer]))
        while let head = rest.popFirst(), let size = rest.popFirst() {
            let payload = rest.prefix(Int(size))
            rest = rest.dropFirst(Int(size))
            guard let input = try? assembler.receive(frame(head, payload)) else { break }
            check(input)
        }
        _ = PerMessageDeflate(offers: [String(decoding: bytes, as: UTF8.self)])
        if let short = Deflater.deflate(bytes, windowBits: 9 + Int32(flags % 7)) {
            let compression = PerMessageDeflate(offers: ["permessage-deflate"])
            precondition(
                (try? compression?.inflated(short, limit: bytes.count)) == bytes, "compressed and not the same")
        }
    }

    private static func frame(_ head: UInt8, _ payload: ArraySlice<UInt8>) -> WebSocketFrame {
        var data = ByteBuffer(bytes: payload)
        let key = head & 0x10 == 0 ? WebSocketMaskingKey([1, 2, 3, 4]) : nil
        if let key { data.webSocketMask(key) }
        let opcodes: [WebSocketOpcode] = [
            .continuation, .text, .binary, .connectionClose, .ping, .pong, .text, .binary,
        ]
        return WebSocketFrame(
            fin: head & 0x80 != 0, rsv1: head & 0x40 != 0, rsv2: head & 0x2F == 0x2F, opcode: opcodes[Int(head & 7)],
            maskKey: key, data: data)
    }

    private static func check(_ input: WebSocketMessageAssembler.Input) {
        switch input {
        case .binary(let data): precondition(data.readableBytes <= limit, "longer than the limit")
        case .text(let text): precondition(text.utf8.count <= limit, "longer than the limit")
        default: break
        }
    }
}
