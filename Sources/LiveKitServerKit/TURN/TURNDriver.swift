internal import LiveKitCore
internal import LiveKitRTC
internal import NIOCore
internal import NIOPosix

/// The sockets of a ``TURNServer``, all on one event loop. Loop code: it is used on that loop only.
final class TURNDriver {
    /// What has been dropped or refused at the sockets.
    struct Counts: Sendable {
        var droppedDatagrams = 0
        var refusedConnections = 0
    }

    private let loop: any EventLoop
    private let clock: ServerClock
    /// Where relays are bound, by family.
    private let relayHosts: [TransportAddress.Family: String]
    private var server: TURNServer
    private var listeners: [TransportAddress: any Channel] = [:]
    private var streamListeners: [any Channel] = []
    private var streams: [TURNFiveTuple: any Channel] = [:]
    private var relays: [TURNRelayID: any Channel] = [:]
    private var openings: Set<TURNRelayID> = []
    private var timer: Scheduled<Void>?
    private var timerAt: MediaInstant?
    private var isClosed = false
    private(set) var counts = Counts()

    init(
        loop: any EventLoop, clock: ServerClock, relayHosts: [TransportAddress.Family: String],
        server: consuming TURNServer
    ) {
        self.loop = loop
        self.clock = clock
        self.relayHosts = relayHosts
        self.server = server
    }

    var statistics: TURNServerStatistics { server.statistics }

    // MARK: Inputs

    func add(listener channel: any Channel, at address: TransportAddress) {
        listeners[address] = channel
    }

    func add(streamListener channel: any Channel) {
        streamListeners.append(channel)
    }

    func receive(_ bytes: [UInt8], from client: TURNFiveTuple) {
        step { server, now in server.receive(bytes, from: client, now: now) }
    }

    func receive(_ bytes: [UInt8], onRelay relay: TURNRelayID, from peer: TransportAddress) {
        step { server, now in server.receive(bytes, onRelay: relay, from: peer, now: now) }
    }

    /// - Returns: whether there is room for the connection.
    func opened(_ client: TURNFiveTuple, _ channel: any Channel) -> Bool {
        guard !isClosed, streams.count < TURNBounds.connections else {
            counts.refusedConnections += 1
            return false
        }
        streams[client] = channel
        return true
    }

    func closed(_ client: TURNFiveTuple) {
        guard streams.removeValue(forKey: client) != nil else { return }
        step { server, _ in server.streamClosed(client) }
    }

    func hasAllocation(_ client: TURNFiveTuple) -> Bool { server.relayedAddress(of: client) != nil }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        step { server, _ in server.close() }
        for channel in streams.values { channel.close(promise: nil) }
        for channel in streamListeners + Array(listeners.values) { channel.close(promise: nil) }
    }

    // MARK: The step

    /// One input, all outputs, and the next deadline.
    private func step(_ input: (inout TURNServer, MediaInstant) -> Void) {
        input(&server, clock.now())
        while let action = server.pollAction() { perform(action) }
        guard server.deadline != timerAt else { return }
        timer?.cancel()
        timerAt = server.deadline
        timer = timerAt.map { deadline in
            let delay = TimeAmount.nanoseconds(max(0, (deadline - clock.now()).nanoseconds))
            return loop.assumeIsolated().scheduleTask(in: delay) { self.timerFired() }
        }
    }

    private func timerFired() {
        timerAt = nil
        step { server, now in server.handleTimeout(now: now) }
    }

    private func perform(_ action: TURNServerAction) {
        switch action {
        case .send(let bytes, let client): send(bytes, to: client)
        case .relay(let bytes, let relay, let peer):
            if let channel = relays[relay] { sendDatagram(bytes, to: peer, through: channel) }
        case .openRelay(let relay, let family, let port): open(relay, family, port)
        case .closeRelay(let relay):
            openings.remove(relay)
            relays.removeValue(forKey: relay)?.close(promise: nil)
        }
    }

    // MARK: Outputs

    private func send(_ bytes: [UInt8], to client: TURNFiveTuple) {
        guard client.transport.isStream else {
            if let channel = listeners[client.server] { sendDatagram(bytes, to: client.client, through: channel) }
            return
        }
        guard let channel = streams[client] else { return }
        // Answers to requests are few, since a client that does not read is not read from; data waits for nobody.
        guard channel.isWritable || !Self.isData(bytes) else {
            counts.droppedDatagrams += 1
            return
        }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// ChannelData or a Data indication.
    private static func isData(_ bytes: [UInt8]) -> Bool {
        (bytes.first ?? 0) >= 0x40 || bytes.prefix(2) == [0x00, 0x17]
    }

    private func sendDatagram(_ bytes: [UInt8], to address: TransportAddress, through channel: any Channel) {
        guard channel.isWritable else {
            counts.droppedDatagrams += 1
            return
        }
        let family: TransportAddress.Family = channel.localAddress?.protocol == .inet6 ? .ipv6 : .ipv4
        let envelope = AddressedEnvelope(
            remoteAddress: SocketAddress(address, for: family), data: ByteBuffer(bytes: bytes))
        channel.writeAndFlush(envelope, promise: nil)
    }

    // MARK: Relays

    private func open(_ relay: TURNRelayID, _ family: TransportAddress.Family, _ port: UInt16) {
        openings.insert(relay)
        let driver = NIOLoopBound(self, eventLoop: loop)
        Self.datagramBootstrap(loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TURNRelayHandler(relay, driver.value))
                }
            }
            .bind(host: relayHosts[family] ?? "0.0.0.0", port: Int(port))
            .hop(to: loop).assumeIsolated()
            .whenComplete { result in self.opened(relay, result) }
    }

    private func opened(_ relay: TURNRelayID, _ result: Result<any Channel, any Error>) {
        let isWanted = openings.remove(relay) != nil
        switch result {
        case .success(let channel):
            guard isWanted else { return channel.close(promise: nil) }
            relays[relay] = channel
            step { server, now in server.relayOpened(relay, now: now) }
        case .failure:
            guard isWanted else { return }
            step { server, now in server.relayFailed(relay, now: now) }
        }
    }

    static func datagramBootstrap(_ loop: any EventLoop) -> DatagramBootstrap {
        DatagramBootstrap(group: loop)
            .channelOption(.datagramVectorReadMessageCount, value: TURNBounds.datagramsPerRead)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(
                    capacity: TURNBounds.datagramsPerRead * TURNBounds.datagramBytes)
            )
            .channelOption(.writeBufferWaterMark, value: TURNBounds.datagramBacklog)
    }
}
