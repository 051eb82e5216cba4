internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket

/// Opens WebSockets and sends plain requests, over TCP or TLS.
struct WebSocketConnector: Sendable {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    typealias Exchange = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// What the server made of our wish for a WebSocket.
    enum Outcome: Sendable {
        case upgraded(Socket)
        case refused
    }

    let endpoint: SignalEndpoint
    let token: String
    let timeout: Duration
    let verifiesCertificates: Bool
    /// PEM texts of certificates that are believed besides the system's.
    let trustRoots: [String]

    private var timeAmount: TimeAmount {
        let (seconds, attoseconds) = timeout.components
        return .nanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }

    private var bootstrap: ClientBootstrap {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(timeAmount)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
    }

    /// Connects and asks for the WebSocket.
    func open(target: String) async throws -> Outcome {
        let head = requestHead(target)
        let negotiation = try await bootstrap.connect(host: endpoint.host, port: endpoint.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try addTLS(to: channel)
                return try upgrade(channel, head: head)
            }
        }
        return try await negotiation.get()
    }

    private func upgrade(_ channel: any Channel, head: HTTPRequestHead) throws -> EventLoopFuture<Outcome> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Outcome>(maxFrameSize: SignalLimits.messageSize) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: SignalLimits.framesPerMessage,
                        maxAccumulatedFrameSize: SignalLimits.messageSize))
                return .upgraded(try Socket(wrappingChannelSynchronously: channel))
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.close(promise: nil)
                    return channel.eventLoop.makeSucceededFuture(.refused)
                }))
        // The join response may come in one segment with the end of the handshake.
        configuration.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
    }

    /// Sends a GET request and returns the status and the beginning of the body.
    func get(target: String) async throws -> (status: Int, body: String) {
        let head = requestHead(target)
        let exchange = try await bootstrap.connect(host: endpoint.host, port: endpoint.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try addTLS(to: channel)
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try Exchange(wrappingChannelSynchronously: channel)
            }
        }
        return try await exchange.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            var status = 0
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let response): status = Int(response.status.code)
                case .body(let bytes):
                    body.writeImmutableBuffer(bytes)
                    if body.readableBytes > SignalLimits.refusalSize { return (status, text(body)) }
                case .end: return (status, text(body))
                }
            }
            return (status, text(body))
        }
    }

    private func text(_ body: ByteBuffer) -> String {
        body.getString(at: body.readerIndex, length: min(body.readableBytes, SignalLimits.refusalSize)) ?? ""
    }

    private func requestHead(_ target: String) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: endpoint.authority)
        headers.add(name: "Authorization", value: "Bearer \(token)")
        headers.add(name: "User-Agent", value: "swift-livekit")
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
    }

    private func addTLS(to channel: any Channel) throws {
        guard endpoint.isSecure else { return }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        configuration.additionalTrustRoots = try trustRoots.map {
            .certificates(try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)))
        }
        if !verifiesCertificates { configuration.certificateVerification = .none }
        let handler = try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration),
            serverHostname: endpoint.isAddress ? nil : endpoint.host)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}
