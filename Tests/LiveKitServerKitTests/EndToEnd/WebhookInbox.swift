import LiveKitCore
import LiveKitProtobuf
import NIOCore
import NIOHTTP1
import NIOPosix
import SwiftProtobuf
import Synchronization

@testable import LiveKitServerKit

/// An HTTP server that takes webhooks, checks them, and answers what the test says.
final class WebhookInbox: Sendable {
    struct Received: Sendable {
        var event: Livekit_WebhookEvent
        var isGenuine: Bool
        var contentType: String
    }

    private let received = Mutex<[Received]>([])
    /// Statuses for the next requests; then 200.
    let statuses = Mutex<[Int]>([])
    private let channel = Mutex<(any Channel)?>(nil)

    var url: String { "http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port ?? 0 })/webhook" }
    var all: [Received] { received.withLock { $0 } }
    var events: [String] { all.map(\.event.event) }

    static func open() async throws -> WebhookInbox {
        let inbox = WebhookInbox()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(inbox))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        inbox.channel.withLock { $0 = channel }
        return inbox
    }

    func close() async throws {
        try await channel.withLock { $0 }?.close()
    }

    /// Waits until as many events came.
    func wait(for count: Int) async throws {
        for _ in 0..<500 where events.count < count {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    fileprivate func receive(_ head: HTTPRequestHead, _ body: [UInt8]) -> Int {
        let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
        guard status == 200, let event = try? Livekit_WebhookEvent(jsonUTF8Bytes: body) else { return status }
        let token = head.headers.first(name: "authorization") ?? ""
        let verifier = TokenVerifier(secrets: [TestServer.key: TestServer.secret])
        let claims = try? verifier.verify(token, now: TestServer.now())
        let isGenuine = claims?.sha256 == MessageDigest.sha256(body) && claims?.issuer == TestServer.key
        let type = head.headers.first(name: "content-type") ?? ""
        received.withLock { $0.append(Received(event: event, isGenuine: isGenuine, contentType: type)) }
        return status
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let inbox: WebhookInbox
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ inbox: WebhookInbox) {
            self.inbox = inbox
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part):
                body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let status = HTTPResponseStatus(statusCode: inbox.receive(head, body))
                let headers: HTTPHeaders = ["content-length": "2"]
                context.write(
                    wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "ok")))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
