internal import LiveKitCore
internal import LiveKitRTC
internal import NIOCore

/// Datagrams of clients.
final class TURNDatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let address: TransportAddress
    private let driver: TURNDriver

    init(_ address: TransportAddress, _ driver: TURNDriver) {
        self.address = address
        self.driver = driver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let client = TransportAddress(envelope.remoteAddress),
            envelope.data.readableBytes < TURNBounds.datagramBytes
        else { return }
        driver.receive(
            Array(envelope.data.readableBytesView),
            from: TURNFiveTuple(transport: .udp, client: client, server: address))
    }

    /// A datagram that could not be read or sent is lost, as datagrams are.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Datagrams of peers, on one relay.
final class TURNRelayHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let relay: TURNRelayID
    private let driver: TURNDriver

    init(_ relay: TURNRelayID, _ driver: TURNDriver) {
        self.relay = relay
        self.driver = driver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let peer = TransportAddress(envelope.remoteAddress),
            envelope.data.readableBytes < TURNBounds.datagramBytes
        else { return }
        driver.receive(Array(envelope.data.readableBytesView), onRelay: relay, from: peer)
    }

    /// A datagram that could not be read or sent is lost, as datagrams are.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// A client's connection over TCP or, behind a TLS handler, TLS.
final class TURNStreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let transport: TURNTransport
    private let driver: TURNDriver
    private var client: TURNFiveTuple?
    private var splitter = TURNStreamSplitter()
    private var check: Scheduled<Void>?

    init(_ transport: TURNTransport, _ driver: TURNDriver) {
        self.transport = transport
        self.driver = driver
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let remote = context.remoteAddress.flatMap(TransportAddress.init),
            let local = context.localAddress.flatMap(TransportAddress.init)
        else { return context.close(promise: nil) }
        let client = TURNFiveTuple(transport: transport, client: remote, server: local)
        guard driver.opened(client, context.channel) else { return context.close(promise: nil) }
        self.client = client
        scheduleCheck(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        if let client { driver.closed(client) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let client else { return }
        splitter.append(unwrapInboundIn(data).readableBytesView)
        do {
            while let frame = try splitter.next() { driver.receive(frame, from: client) }
        } catch {
            context.close(promise: nil)
        }
    }

    /// A client that does not read is not read from.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// A connection is for an allocation. One that has none for long is somebody else's.
    private func scheduleCheck(_ context: ChannelHandlerContext) {
        check = context.eventLoop.assumeIsolated().scheduleTask(in: TURNBounds.idleConnection) {
            guard let client = self.client else { return }
            if self.driver.hasAllocation(client) { self.scheduleCheck(context) } else { context.close(promise: nil) }
        }
    }
}
