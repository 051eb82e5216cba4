internal import LiveKitProtobuf
internal import NIOCore
internal import NIOWebSocket

/// One signalling connection: messages out, messages in, and nothing of what they mean.
///
/// Outgoing messages queue up to ``SignalLimits/outgoingMessages``; one more ends the connection, because a
/// server that lets so many wait is gone. The connection ends when ``run(_:)`` returns.
final class SignalClient: Sendable {
    typealias Request = Livekit_SignalRequest.OneOf_Message
    typealias Response = Livekit_SignalResponse.OneOf_Message

    private enum Outgoing: Sendable {
        case message([UInt8])
        case pong(ByteBuffer)
        case close
    }

    private let socket: WebSocketConnector.Socket
    private let outgoing: AsyncStream<Outgoing>
    private let outgoingEnd: AsyncStream<Outgoing>.Continuation

    private init(socket: WebSocketConnector.Socket) {
        self.socket = socket
        (outgoing, outgoingEnd) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(SignalLimits.outgoingMessages))
    }

    /// Opens the connection; on refusal asks the server why.
    static func connect(
        _ endpoint: SignalEndpoint, token: String, options: ConnectOptions
    ) async throws(LiveKitError) -> SignalClient {
        let connector = WebSocketConnector(
            endpoint: endpoint, token: token, timeout: options.socketConnectTimeoutInterval,
            verifiesCertificates: options.verifiesCertificates, trustRoots: options.additionalTrustRoots)
        do {
            if case .upgraded(let socket) = try await connector.open(target: endpoint.joinTarget(options)) {
                return SignalClient(socket: socket)
            }
        } catch is CancellationError {
            throw LiveKitError(.cancelled)
        } catch let failure {
            if let refusal = try? await reason(connector, endpoint, options) { throw refusal }
            throw LiveKitError(
                .network, message: "\(endpoint.authority) cannot be reached.", internalError: failure)
        }
        let refusal = try? await reason(connector, endpoint, options)
        throw refusal ?? LiveKitError(.serviceNotFound, message: "\(endpoint.authority) opens no WebSocket.")
    }

    /// What `/rtc/validate` says; `nil` when it finds nothing wrong.
    private static func reason(
        _ connector: WebSocketConnector, _ endpoint: SignalEndpoint, _ options: ConnectOptions
    ) async throws -> LiveKitError? {
        let (status, body) = try await connector.get(target: endpoint.validateTarget(options))
        return refusal(status: status, body: body)
    }

    /// By which livekit-server's 404 differs from those of others.
    private static let roomNotFound = "requested room does not exist"

    static func refusal(status: Int, body: String) -> LiveKitError? {
        let text = body.isEmpty ? "The server answered with status \(status)." : "\(body) (status \(status))"
        return switch status {
        case 200: nil
        case 401, 403: LiveKitError(.insufficientPermissions, message: text)
        // What a proxy or another program says where LiveKit is not.
        case 404 where !body.contains(roomNotFound): LiveKitError(.serviceNotFound, message: text)
        case 400..<500: LiveKitError(.validation, message: text)
        default: LiveKitError(.network, message: text)
        }
    }

    /// Queues a message.
    func send(_ request: Request) throws(LiveKitError) {
        let bytes = try SignalCodec.encode(request)
        switch outgoingEnd.yield(.message(bytes)) {
        case .enqueued: return
        case .dropped:
            outgoingEnd.finish()
            throw LiveKitError(.network, message: "The server does not read its signalling messages.")
        case .terminated: throw LiveKitError(.network, message: "The signalling connection is closed.")
        @unknown default: throw LiveKitError(.network)
        }
    }

    /// Ends the connection after the messages queued so far.
    func close() {
        outgoingEnd.yield(.close)
        outgoingEnd.finish()
    }

    /// Carries messages until either side ends the connection; `receive` is called for each in turn.
    func run(_ receive: @escaping @Sendable (Response) async -> Void) async throws {
        try await socket.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.write(to: outbound) }
                group.addTask { try await self.read(from: inbound, receive) }
                defer { group.cancelAll() }
                // Whichever direction ends first ends the other.
                try await group.next()
            }
        }
    }

    private func write(to outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
        for await item in outgoing {
            switch item {
            case .message(let bytes): try await outbound.write(frame(.binary, ByteBuffer(bytes: bytes)))
            case .pong(let data): try await outbound.write(frame(.pong, data))
            case .close:
                var reason = ByteBuffer()
                reason.write(webSocketErrorCode: .normalClosure)
                try await outbound.write(frame(.connectionClose, reason))
                return
            }
        }
    }

    /// A client masks what it sends (RFC 6455 §5.3).
    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    }

    private func read(
        from inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ receive: (Response) async -> Void
    ) async throws {
        for try await frame in inbound {
            switch frame.opcode {
            case .binary:
                if let message = try SignalCodec.decode([UInt8](buffer: frame.unmaskedData)) { await receive(message) }
            case .ping: outgoingEnd.yield(.pong(frame.unmaskedData))
            case .connectionClose: return
            default: break
            }
        }
    }
}
