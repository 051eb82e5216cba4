import LiveKitCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import LiveKitServerAPI

/// A server that records what it is asked, and answers what a test says; else with an empty message.
final class StubServer: Sendable {
    struct Asked: Sendable {
        var target: String
        var method: String
        var headers: [String: String]
        var body: [UInt8]

        /// Where it was sent.
        var host: String { "http://" + (headers["host"] ?? "") }

        /// What the request's token grants.
        func claims() throws -> TokenClaims {
            let token = (headers["authorization"] ?? "").trimmingPrefix("Bearer ")
            return try TokenVerifier(secrets: ["key": "secret"]).verify(String(token), now: WallClock.now)
        }
    }

    struct Answer: Sendable {
        var status = 200
        var body = ""
        var headers: [String: String] = [:]
        /// Closes the connection instead.
        var isDropped = false
    }

    private let asked = Mutex<[Asked]>([])
    private let answers: @Sendable (Asked) -> Answer
    private let channel = Mutex<(any Channel)?>(nil)

    private init(_ answers: @escaping @Sendable (Asked) -> Answer) {
        self.answers = answers
    }

    var url: String { "http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port ?? 0 })" }
    var all: [Asked] { asked.withLock { $0 } }

    static func with(
        _ answers: @escaping @Sendable (Asked) -> Answer = { _ in Answer() },
        _ body: (StubServer) async throws -> Void
    ) async throws {
        let stub = StubServer(answers)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(stub))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        stub.channel.withLock { $0 = channel }
        do {
            try await body(stub)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let stub: StubServer
        private var request = Asked(target: "", method: "", headers: [:], body: [])

        init(_ stub: StubServer) {
            self.stub = stub
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Asked(target: head.uri, method: head.method.rawValue, headers: [:], body: [])
                for (name, value) in head.headers { request.headers[name.lowercased()] = value }
            case .body(let part):
                request.body += Array(part.readableBytesView)
            case .end:
                stub.asked.withLock { $0.append(request) }
                let answer = stub.answers(request)
                guard !answer.isDropped else { return context.close(promise: nil) }
                var headers: HTTPHeaders = ["content-length": "\(answer.body.utf8.count)"]
                for (name, value) in answer.headers { headers.add(name: name, value: value) }
                let status = HTTPResponseStatus(statusCode: answer.status)
                context.write(
                    wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
