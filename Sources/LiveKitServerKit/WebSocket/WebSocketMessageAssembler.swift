internal import NIOCore
internal import NIOWebSocket

/// Puts a client's WebSocket frames together to messages, and judges them (RFC 6455 §5).
///
/// It owns no socket: frames go in, and what they amount to comes out.
struct WebSocketMessageAssembler {
    /// What a frame amounts to.
    enum Input: Equatable {
        /// More is to come.
        case nothing
        case binary(ByteBuffer)
        case text(String)
        /// Answer with a pong of the same content.
        case ping(ByteBuffer)
        case pong
        /// The client closes; answer with the same code.
        case close(WebSocketErrorCode?)
    }

    /// Why the connection must be closed, and with which code.
    struct Violation: Error, Equatable {
        let code: WebSocketErrorCode

        static let protocolError = Self(code: .protocolError)
        static let tooLarge = Self(code: .messageTooLarge)
        static let notUTF8 = Self(code: .dataInconsistentWithMessage)
    }

    /// Bytes of one whole message.
    let maximumBytes: Int
    /// Fragments of one message; a message in more of them is an attack on our patience.
    static let maximumFragments = 1024
    /// Bytes of a control frame's content, RFC 6455 §5.5.
    static let maximumControlBytes = 125

    private var opcode: WebSocketOpcode?
    private var partial = ByteBuffer()
    private var fragments = 0

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    mutating func receive(_ frame: WebSocketFrame) throws(Violation) -> Input {
        // No extension is negotiated, so the reserved bits must be zero; clients must mask, §5.1.
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3, frame.maskKey != nil else { throw .protocolError }
        switch frame.opcode {
        case .ping, .pong, .connectionClose:
            guard frame.fin, frame.length <= Self.maximumControlBytes else { throw .protocolError }
            return try control(frame)
        case .text, .binary:
            guard opcode == nil else { throw .protocolError }
            opcode = frame.opcode
            partial = ByteBuffer()
            fragments = 0
            return try append(frame)
        case .continuation:
            guard opcode != nil else { throw .protocolError }
            return try append(frame)
        default:
            throw .protocolError
        }
    }

    private func control(_ frame: WebSocketFrame) throws(Violation) -> Input {
        var data = frame.unmaskedData
        switch frame.opcode {
        case .ping: return .ping(data)
        case .pong: return .pong
        default: break
        }
        guard data.readableBytes != 1 else { throw .protocolError }
        return .close(data.readWebSocketErrorCode())
    }

    private mutating func append(_ frame: WebSocketFrame) throws(Violation) -> Input {
        fragments += 1
        guard partial.readableBytes + frame.length <= maximumBytes, fragments <= Self.maximumFragments else {
            throw .tooLarge
        }
        var data = frame.unmaskedData
        if fragments == 1, frame.fin {
            partial = data
        } else {
            partial.writeBuffer(&data)
        }
        guard frame.fin else { return .nothing }
        defer {
            opcode = nil
            partial = ByteBuffer()
        }
        guard opcode == .text else { return .binary(partial) }
        guard let text = try? partial.getUTF8ValidatedString(at: partial.readerIndex, length: partial.readableBytes)
        else { throw .notUTF8 }
        return .text(text)
    }
}
