import LiveKitProtobuf
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import SwiftProtobuf
import Testing

@testable import LiveKitClient

/// A server that says a few messages to whoever opens its WebSocket, and nothing more.
private final class TalkingServer: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let messages: [[UInt8]]

    init(_ messages: [[UInt8]]) { self.messages = messages }

    func handlerAdded(context: ChannelHandlerContext) {
        for message in messages {
            let frame = WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: message))
            context.write(wrapOutboundOut(frame), promise: nil)
        }
        context.flush()
    }

    static func with(_ messages: [[UInt8]], _ body: (Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                    upgradePipelineHandler: { channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(TalkingServer(messages))
                        }
                    })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(channel.localAddress?.port ?? 0)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }
}

@Suite("A session that ends while it begins", .timeLimit(.minutes(1)))
struct EndedSessionTests {
    private func response(_ message: Livekit_SignalResponse.OneOf_Message) throws -> [UInt8] {
        var response = Livekit_SignalResponse()
        response.message = message
        return try response.serializedBytes()
    }

    @Test("Whoever connects is told why, whatever was being done when it ended")
    func told() async throws {
        var join = Livekit_JoinResponse()
        join.room.sid = "RM_1"
        join.participant.identity = "ann"
        var leave = Livekit_LeaveRequest()
        leave.reason = .serverShutdown
        try await TalkingServer.with([try response(.join(join)), try response(.leave(leave))]) { port in
            for _ in 0..<20 {
                let room = Room()
                let error = await #expect(throws: LiveKitError.self) {
                    try await room.connect(url: "ws://127.0.0.1:\(port)", token: "token")
                }
                #expect(error?.type == .serverShutdown && room.disconnectError?.type == .serverShutdown)
                #expect(room.connectionState == .disconnected)
            }
        }
    }
}
