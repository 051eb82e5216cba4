import LiveKitClient
import LiveKitCore
import NIOCore
import NIOPosix

/// A path over UDP to a port of this host that carries so much towards its client and no more: what waits for longer than
/// a third of a second is lost.
final class NarrowPath: Sendable {
    private static let longestWait = TimeAmount.milliseconds(300)

    let port: Int
    private let channel: any Channel

    /// Makes the path, as wide as this machine's.
    init(to target: Int) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: target)
        let entry = Entry(to: address)
        channel = try await DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(entry) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Bits each second towards the client; 0 for any number.
    func setRate(_ bitsPerSecond: Int) async throws {
        try await channel.pipeline.handler(type: Entry.self).map { $0.setRate(bitsPerSecond) }.get()
    }

    func close() async throws { try await channel.close() }

    /// The end that clients see. Confined to its event loop, as are the far ends.
    private final class Entry: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>
        private let target: SocketAddress
        private var farEnds: [SocketAddress: EventLoopFuture<any Channel>] = [:]
        private var bitsPerSecond = 0
        private var freeAt = NIODeadline.uptimeNanoseconds(0)

        init(to target: SocketAddress) { self.target = target }

        func setRate(_ bitsPerSecond: Int) { self.bitsPerSecond = bitsPerSecond }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let (near, target) = (context.channel, target)
            farEnd(of: envelope.remoteAddress, near: near).whenSuccess { far in
                far.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: envelope.data), promise: nil)
            }
        }

        private func farEnd(of client: SocketAddress, near: any Channel) -> EventLoopFuture<any Channel> {
            if let known = farEnds[client] { return known }
            let made = DatagramBootstrap(group: near.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            FarEnd { self.deliver($0, to: client, by: near) })
                    }
                }
                .bind(host: "127.0.0.1", port: 0)
            farEnds[client] = made
            near.closeFuture.whenComplete { _ in made.whenSuccess { $0.close(promise: nil) } }
            return made
        }

        private func deliver(_ bytes: ByteBuffer, to client: SocketAddress, by near: any Channel) {
            let envelope = AddressedEnvelope(remoteAddress: client, data: bytes)
            guard bitsPerSecond > 0 else { return near.writeAndFlush(envelope, promise: nil) }
            let now = NIODeadline.now()
            let start = max(now, freeAt)
            guard start - now < NarrowPath.longestWait else { return }
            let nanoseconds = Int64(bytes.readableBytes + 28) * 8_000_000_000 / Int64(bitsPerSecond)
            freeAt = start + .nanoseconds(nanoseconds)
            near.eventLoop.scheduleTask(deadline: freeAt) { near.writeAndFlush(envelope, promise: nil) }
        }
    }

    /// The end that the server sees, one for each of the clients' sockets.
    private final class FarEnd: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let deliver: (ByteBuffer) -> Void

        init(_ deliver: @escaping (ByteBuffer) -> Void) { self.deliver = deliver }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { deliver(unwrapInboundIn(data).data) }
    }
}

extension NarrowPath {
    /// Has a client's media go by this path, to the relay at its end.
    var connectOptions: ConnectOptions {
        let credentials = TURNRig.credentials()
        var options = ConnectOptions(iceTransportPolicy: .relay)
        options.iceServers = [
            IceServer(
                urls: ["turn:127.0.0.1:\(port)?transport=udp"], username: credentials.username,
                credential: credentials.password)
        ]
        return options
    }
}
