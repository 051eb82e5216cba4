import LiveKitCore
import LiveKitRTC
import NIOCore
import NIOPosix
import Synchronization

@testable import LiveKitServerKit

/// A UDP socket that keeps what it gets until somebody looks.
final class DatagramInbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let waiting = Mutex<[(bytes: [UInt8], remote: TransportAddress)]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let remote = TransportAddress(envelope.remoteAddress) else { return }
        let bytes = Array(envelope.data.readableBytesView)
        waiting.withLock { $0.append((bytes, remote)) }
    }

    func take() -> [(bytes: [UInt8], remote: TransportAddress)] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    static func open(host: String) async throws -> (any Channel, DatagramInbox) {
        let inbox = DatagramInbox()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .bind(host: host, port: 0).get()
        return (channel, inbox)
    }
}

/// Our client machine over a real UDP socket.
actor SocketTURNClient {
    struct TimedOut: Error {}

    private let channel: any Channel
    private let inbox: DatagramInbox
    private let server: TransportAddress
    private var relay: TURNAllocation
    private var events: [TURNAllocationEvent] = []
    private var received: [TURNReceivedData] = []

    static func open(
        server: TransportAddress, _ configuration: TURNAllocationConfiguration
    ) async throws -> SocketTURNClient {
        let (channel, inbox) = try await DatagramInbox.open(host: "127.0.0.1")
        return SocketTURNClient(channel, inbox, server: server, configuration)
    }

    private init(
        _ channel: any Channel, _ inbox: DatagramInbox, server: TransportAddress,
        _ configuration: TURNAllocationConfiguration
    ) {
        self.channel = channel
        self.inbox = inbox
        self.server = server
        relay = TURNAllocation(configuration: configuration, random: DeterministicRandom(seed: .random(in: 0 ... .max)))
    }

    /// Allocates; the relayed address.
    func allocated() async throws -> TransportAddress {
        if let address = relay.relayedAddress { return address }
        relay.start(now: ServerClock.system.now())
        try await run { !$0.events.isEmpty }
        guard let address = relay.relayedAddress else { throw TimedOut() }
        return address
    }

    /// Sends a datagram to a peer and waits for what comes back.
    func exchange(_ payload: [UInt8], with peer: TransportAddress) async throws -> [UInt8] {
        _ = try await allocated()
        relay.send(payload, to: peer, now: ServerClock.system.now())
        try await run { !$0.received.isEmpty }
        return received.removeFirst().payload
    }

    func close() async throws {
        relay.close(now: ServerClock.system.now())
        try await run { $0.events.last == .closed }
        try await channel.close()
    }

    private func run(until isDone: (isolated SocketTURNClient) -> Bool) async throws {
        for _ in 0..<1000 {
            step()
            if isDone(self) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw TimedOut()
    }

    private func step() {
        let now = ServerClock.system.now()
        for (bytes, remote) in inbox.take() where remote == server { relay.receive(bytes, now: now) }
        relay.handleTimeout(now: now)
        while let event = relay.pollEvent() { events.append(event) }
        while let data = relay.pollReceived() { received.append(data) }
        while let bytes = relay.pollTransmit() {
            guard let remote = try? SocketAddress(server, for: .ipv4) else { continue }
            let envelope = AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: bytes))
            channel.writeAndFlush(envelope, promise: nil)
        }
    }
}

/// Sends back what it gets.
final class EchoPeer: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    struct Running: Sendable {
        let address: TransportAddress
        fileprivate let channel: any Channel

        func close() async throws { try await channel.close() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }

    static func open(host: String) async throws -> Running {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(EchoPeer()) }
            .bind(host: host, port: 0).get()
        guard let address = channel.localAddress.flatMap(TransportAddress.init) else {
            throw ChannelError.unknownLocalAddress
        }
        return Running(address: address, channel: channel)
    }
}
