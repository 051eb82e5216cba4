internal import NIOCore
internal import NIOHTTP1

/// Shows out who takes too long over a request or sends too much of it, on every request of a connection.
///
/// Two handlers of one connection, on its event loop: ``Bytes`` stands in front of HTTP's decoder and notices the first
/// byte of a request, ``Parts`` stands behind it and notices the end of its header and of its body. The connection's
/// first header is due from the moment it stands. A timeout of zero is none.
final class RequestGuard {
    private enum Phase {
        /// Between requests; the idle timeout of HTTP watches that.
        case idle
        case head(bytes: Int)
        case body(bytes: Int)
        /// Shown out. What the decoder still says, as that the end came early, is no news.
        case ended
    }

    private let headTimeout: TimeAmount
    private let bodyTimeout: TimeAmount
    /// Bytes of a body after which the connection ends, whether somebody reads it or not.
    private let bodyLimit: Int
    /// Called when a connection is ended, with the reason.
    private let onViolation: (Violation) -> Void
    private var phase = Phase.idle
    private var deadline: Scheduled<Void>?

    enum Violation: String {
        case slowHead = "slow_header", slowBody = "slow_body", largeBody = "large_body"
        case behindUpgrade = "behind_upgrade", malformed
    }

    init(
        headTimeout: Duration, bodyTimeout: Duration, bodyLimit: Int, onViolation: @escaping (Violation) -> Void
    ) {
        self.headTimeout = TimeAmount(headTimeout)
        self.bodyTimeout = TimeAmount(bodyTimeout)
        self.bodyLimit = bodyLimit
        self.onViolation = onViolation
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        phase = .head(bytes: 0)
        expect(.slowHead, within: headTimeout, context)
    }

    /// A header that is too large is the decoder's affair. But behind a request to upgrade it keeps whatever comes.
    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        begin(context)
        guard case .head(let count) = phase else { return !isEnded }
        phase = .head(bytes: count + bytes.readableBytes)
        guard count <= HTTPBounds.unparsedBytes else {
            end(.behindUpgrade, context.channel)
            return false
        }
        return true
    }

    private var isEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) -> Bool {
        guard !isEnded else { return false }
        switch part {
        case .head:
            phase = .body(bytes: 0)
            expect(.slowBody, within: bodyTimeout, context)
        case .body(let buffer):
            guard case .body(let bytes) = phase else { return true }
            guard bytes + buffer.readableBytes <= bodyLimit else {
                end(.largeBody, context.channel)
                return false
            }
            phase = .body(bytes: bytes + buffer.readableBytes)
        case .end:
            stop()
        }
        return true
    }

    private func stop() {
        phase = .idle
        deadline?.cancel()
        deadline = nil
    }

    private func expect(_ violation: Violation, within time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        guard time > .zero else { return }
        let channel = context.channel
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.end(violation, channel)
        }
    }

    private func end(_ violation: Violation, _ channel: any Channel) {
        stop()
        phase = .ended
        onViolation(violation)
        channel.close(promise: nil)
    }

    /// In front of the decoder.
    final class Bytes: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer

        private let watch: RequestGuard

        init(_ watch: RequestGuard) {
            self.watch = watch
        }

        func handlerAdded(context: ChannelHandlerContext) {
            if context.channel.isActive { watch.begin(context) }
        }

        func channelActive(context: ChannelHandlerContext) {
            watch.begin(context)
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if watch.receive(unwrapInboundIn(data), context) { context.fireChannelRead(data) }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            watch.stop()
        }
    }

    /// Behind the decoder. It also answers what is no HTTP, unless an answer is under way already.
    final class Parts: ChannelDuplexHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias InboundOut = HTTPServerRequestPart
        typealias OutboundIn = HTTPServerResponsePart
        typealias OutboundOut = HTTPServerResponsePart

        private let watch: RequestGuard
        private var owedAnswers = 0
        private var isHandshake = false
        /// Whether a whole handshake went by: no HTTP comes after it, since a refused one ends the connection, and one that
        /// is not the first request goes on elsewhere (``ConnectionSuccessor``).
        private var isBehindHandshake = false
        /// What the client sent behind its handshake: the decoder lets go of it as plain bytes, which are for those alone
        /// who stand here after the upgrade.
        private var behindUpgrade: [NIOAny] = []

        init(_ watch: RequestGuard) {
            self.watch = watch
        }

        func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
            for bytes in behindUpgrade { context.fireChannelRead(bytes) }
            behindUpgrade = []
            context.leavePipeline(removalToken: removalToken)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isBehindHandshake else { return hold(data, context) }
            let part = unwrapInboundIn(data)
            switch part {
            case .head(let head):
                owedAnswers += 1
                isHandshake = UpgradeFilter.isSignalHandshake(head)
            case .body: break
            case .end: isBehindHandshake = isHandshake
            }
            guard watch.receive(part, context) else { return }
            context.fireChannelRead(data)
        }

        private func hold(_ bytes: NIOAny, _ context: ChannelHandlerContext) {
            guard behindUpgrade.count < HTTPBounds.readsBehindUpgrade else { return context.close(promise: nil) }
            behindUpgrade.append(bytes)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .end = unwrapOutboundIn(data) { owedAnswers -= 1 }
            context.write(data, promise: promise)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
            guard !watch.isEnded else { return }
            watch.stop()
            watch.phase = .ended
            watch.onViolation(.malformed)
            if owedAnswers == 0 { answer(error, context) }
            context.close(promise: nil)
        }

        /// RFC 9112 §2.2, RFC 6585 §5.
        private func answer(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
            let status: HTTPResponseStatus = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
            let head = HTTPResponseHead(
                version: .http1_1, status: status, headers: ["Connection": "close", "Content-Length": "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension ChannelPipeline.SynchronousOperations {
    /// Puts the guard around the decoder, which must stand in the pipeline.
    func add(_ requestGuard: RequestGuard) throws {
        let decoder = try handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try addHandler(RequestGuard.Bytes(requestGuard), position: .before(decoder))
        try addHandler(RequestGuard.Parts(requestGuard), position: .after(decoder))
    }

    /// After an upgrade there are no requests.
    func removeRequestGuard() throws {
        removeHandler(try handler(type: RequestGuard.Bytes.self), promise: nil)
        removeHandler(try handler(type: RequestGuard.Parts.self), promise: nil)
    }
}
