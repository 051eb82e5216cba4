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
        static let notDeflated = Self(code: .dataInconsistentWithMessage)
        static let outOfMemory = Self(code: .unexpectedServerError)
    }

    /// Bytes of one whole message, on the wire as well as inflated.
    let maximumBytes: Int
    /// How messages may be compressed, if that was agreed upon.
    let compression: PerMessageDeflate?
    /// Fragments of one message; a message in more of them is an attack on our patience.
    static let maximumFragments = 1024
    /// Bytes of a control frame's content, RFC 6455 §5.5.
    static let maximumControlBytes = 125

    private var opcode: WebSocketOpcode?
    private var isCompressed = false
    private var partial = ByteBuffer()
    private var fragments = 0

    init(maximumBytes: Int, compression: PerMessageDeflate? = nil) {
        self.maximumBytes = maximumBytes
        self.compression = compression
    }

    mutating func receive(_ frame: WebSocketFrame) throws(Violation) -> Input {
        // Bits of no extension must be zero; clients must mask, §5.1.
        guard !frame.rsv2, !frame.rsv3, frame.maskKey != nil else { throw .protocolError }
        switch frame.opcode {
        case .ping, .pong, .connectionClose:
            guard frame.fin, !frame.rsv1, frame.length <= Self.maximumControlBytes else { throw .protocolError }
            return try control(frame)
        case .text, .binary:
            // The first frame says of the whole message whether it is compressed (RFC 7692 §6).
            guard opcode == nil, !frame.rsv1 || compression != nil else { throw .protocolError }
            opcode = frame.opcode
            isCompressed = frame.rsv1
            partial = ByteBuffer()
            fragments = 0
            return try append(frame)
        case .continuation:
            guard opcode != nil, !frame.rsv1 else { throw .protocolError }
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
        let message = try isCompressed ? inflate(partial) : partial
        guard opcode == .text else { return .binary(message) }
        guard let text = try? message.getUTF8ValidatedString(at: message.readerIndex, length: message.readableBytes)
        else { throw .notUTF8 }
        return .text(text)
    }

    private func inflate(_ message: ByteBuffer) throws(Violation) -> ByteBuffer {
        guard let compression else { throw .protocolError }
        do throws(InflationFailure) {
            return ByteBuffer(bytes: try compression.inflated(Array(message.readableBytesView), limit: maximumBytes))
        } catch {
            switch error {
            case .tooLarge: throw .tooLarge
            case .malformed: throw .notDeflated
            case .outOfMemory: throw .outOfMemory
            }
        }
    }
}
