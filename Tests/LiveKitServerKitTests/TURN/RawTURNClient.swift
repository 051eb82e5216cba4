import LiveKitCore
import LiveKitRTC
import NIOCore
import NIOPosix
import Synchronization

@testable import LiveKitServerKit

/// Bytes of a stream, kept until somebody looks.
private final class ByteInbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let waiting = Mutex<[UInt8]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        waiting.withLock { $0 += bytes }
    }

    func take() -> [UInt8] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}

/// TURN messages written by hand over a real socket: UDP, TCP, or TLS by our own client's machine.
actor RawTURNClient {
    struct TimedOut: Error {}

    private let server: TransportAddress
    private let channel: any Channel
    private let datagrams: DatagramInbox?
    private let bytes: ByteInbox?
    private let tls: TLSClientStream?
    private let credentials: TURNCredentials
    private var splitter = TURNStreamSplitter()
    private var frames: [[UInt8]] = []
    private var nonce = ""
    private var serial: UInt64 = 0

    static func open(
        _ transport: TURNTransport, to server: TransportAddress, _ credentials: TURNCredentials
    ) async throws -> RawTURNClient {
        if transport == .udp {
            let (channel, inbox) = try await DatagramInbox.open(host: "127.0.0.1")
            return try RawTURNClient(channel, inbox, nil, server, credentials, isSecure: false)
        }
        let inbox = ByteInbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .connect(host: "127.0.0.1", port: Int(server.port)).get()
        let client = try RawTURNClient(channel, nil, inbox, server, credentials, isSecure: transport == .tls)
        try await client.shakeHands()
        return client
    }

    private init(
        _ channel: any Channel, _ datagrams: DatagramInbox?, _ bytes: ByteInbox?, _ server: TransportAddress,
        _ credentials: TURNCredentials, isSecure: Bool
    ) throws {
        self.server = server
        self.channel = channel
        self.datagrams = datagrams
        self.bytes = bytes
        self.credentials = credentials
        tls =
            isSecure
            ? try TLSClientStream(TLSClientContext(verifiesCertificates: false), host: "turn.example.com") : nil
    }

    private func shakeHands() async throws {
        guard let tls else { return }
        tls.start()
        try await wait { $0.tls?.state == .open }
    }

    /// Allocates; later requests go with the credentials.
    func allocate() async throws -> STUNMessage {
        let challenge = try await ask(.allocate, [.requestedTransport(17)])
        nonce = challenge.nonce ?? ""
        return try await ask(.allocate, [.requestedTransport(17)])
    }

    /// A request and its response.
    func ask(_ method: STUNMessage.Method, _ attributes: [STUNAttribute]) async throws -> STUNMessage {
        serial += 1
        let id = STUNTransactionID(high: 5, low: serial)
        let proof: [STUNAttribute] = [
            .username(credentials.username), .realm(TURNCredentials.realm), .nonce(nonce),
        ]
        let message = STUNMessage(
            class: .request, method: method, transactionID: id, attributes: attributes + (nonce.isEmpty ? [] : proof))
        let key = STUNKey(
            username: credentials.username, realm: TURNCredentials.realm, password: credentials.password)
        send(message.encoded(key: nonce.isEmpty ? nil : key))
        var answer: STUNMessage?
        try await wait { client in
            answer = client.frames.lazy.compactMap { try? STUNMessage(parsing: $0) }.first { $0.transactionID == id }
            return answer != nil
        }
        frames = []
        guard let answer else { throw TimedOut() }
        return answer
    }

    /// Sends a message for which there is no answer.
    func send(_ message: [UInt8]) {
        if let tls {
            _ = unsafe message.withUnsafeBytes { unsafe tls.send($0) }
            flush()
        } else if datagrams != nil {
            guard let remote = try? SocketAddress(server, for: .ipv4) else { return }
            let envelope = AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: message))
            channel.writeAndFlush(envelope, promise: nil)
        } else {
            channel.writeAndFlush(ByteBuffer(bytes: message), promise: nil)
        }
    }

    func close() async throws { try await channel.close() }

    private func wait(_ isDone: (isolated RawTURNClient) -> Bool) async throws {
        for _ in 0..<5000 {
            receive()
            if isDone(self) { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw TimedOut()
    }

    private func receive() {
        frames += datagrams?.take().map(\.bytes) ?? []
        guard var arrived = bytes?.take() else { return }
        if let tls {
            unsafe arrived.withUnsafeBytes { unsafe tls.receive($0) }
            arrived = []
            var record = [UInt8](repeating: 0, count: 16_384)
            while case let count = unsafe record.withUnsafeMutableBytes({ unsafe tls.read(into: $0) }), count > 0 {
                arrived += record.prefix(count)
            }
            flush()
        }
        splitter.append(arrived)
        while let frame = try? splitter.next() { frames.append(frame) }
    }

    private func flush() {
        guard let tls else { return }
        var record = [UInt8](repeating: 0, count: 16_384)
        while case let count = unsafe record.withUnsafeMutableBytes({ unsafe tls.takeOutbound(into: $0) }), count > 0 {
            channel.writeAndFlush(ByteBuffer(bytes: record.prefix(count)), promise: nil)
        }
    }
}
