internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// How a connection goes on with a handshake that is not its first request.
///
/// NIO decides about an upgrade at a connection's first request, and what stands at the end of its pipeline from then on
/// cannot be taken away again. But proxies keep connections and send a handshake over one that has carried plain
/// requests before. So the socket goes on as a new channel, and the handshake is the first thing it reads
/// (Docs/Decisions/0028-late-handshakes.md).
final class ConnectionSuccessor<Value: Sendable>: Sendable {
    private let value = Mutex<EventLoopFuture<Value>?>(nil)

    /// What the connection goes on as, if it does, once.
    func take() -> EventLoopFuture<Value>? {
        value.withLock { value in
            defer { value = nil }
            return value
        }
    }

    /// Closes a channel, whose socket goes on. Its answers are all written by then; what it has read, but for the
    /// handshake, is nothing a client may send.
    func succeed(
        _ channel: any Channel, with head: HTTPRequestHead,
        setup: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) {
        let loop = channel.eventLoop
        let next = loop.makePromise(of: Value.self)
        value.withLock { $0 = next.futureResult }
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        Self.flush(channel).flatMapThrowing { try Self.duplicate(channel) }.whenComplete { result in
            let closed = channel.closeFuture
            channel.close(promise: nil)
            switch result {
            case .failure(let error): next.fail(error)
            case .success(let socket):
                closed.whenComplete { _ in Self.open(socket, on: loop, next, setup, reading: head) }
            }
        }
    }

    /// Done when all that was written before has gone to the socket.
    private static func flush(_ channel: any Channel) -> EventLoopFuture<Void> {
        do {
            let encoder = try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            return encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    private static func duplicate(_ channel: any Channel) throws -> NIOBSDSocket.Handle {
        let socket = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        guard let socket else { throw ChannelError.operationUnsupported }
        guard socket >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
        return socket
    }

    private static func open(
        _ socket: NIOBSDSocket.Handle, on loop: any EventLoop, _ next: EventLoopPromise<Value>,
        _ setup: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>, reading head: HTTPRequestHead
    ) {
        ClientBootstrap(group: loop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in setup(channel).map { next.succeed($0) } }
            .withConnectedSocket(socket)
            .map { $0.pipeline.fireChannelRead(bytes(of: head)) }
            .whenFailure { error in
                // The channel was not made, so that nobody else closes its socket; or it was, and its setup failed.
                next.fail(error)
            }
    }

    /// A request without a body, as it came.
    private static func bytes(of head: HTTPRequestHead) -> ByteBuffer {
        let fields = head.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return ByteBuffer(string: "\(head.method.rawValue) \(head.uri) \(head.version)\r\n\(fields)\r\n")
    }
}
