import LiveKitProtobuf
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import SwiftProtobuf
import Synchronization

@testable import LiveKitServerKit

/// The signalling of a LiveKit client, spoken by hand.
typealias SignalClient = SocketClient<Livekit_SignalResponse>
/// The socket of an agents' worker, spoken by hand.
typealias WorkerClient = SocketClient<Livekit_ServerMessage>

/// A WebSocket on which a server's messages come in.
final class SocketClient<Incoming: SwiftProtobuf.Message & Sendable>: Sendable {
    struct Refused: Error {}
    struct Closed: Error, Equatable {
        var code: WebSocketErrorCode?
    }
    struct TimedOut: Error {}

    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    let messages: AsyncThrowingStream<Incoming, any Error>
    private let outgoing: AsyncStream<WebSocketFrame>.Continuation
    private let pump = Mutex<Task<Void, Never>?>(nil)

    /// How many messages came compressed.
    let compressedMessages = Atomic<Int>(0)

    static func connect(
        host: String = "127.0.0.1", port: Int, path: String, extensions: String? = nil, headers: [String: String] = [:]
    ) async throws -> SocketClient {
        let outcome = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(
                        maxFrameSize: 1 << 24,
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture { try Frames(wrappingChannelSynchronously: channel) }
                        })
                    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
                    head.headers.add(name: "Host", value: "test")
                    head.headers.add(name: "Content-Length", value: "0")
                    for (name, value) in headers { head.headers.add(name: name, value: value) }
                    if let extensions { head.headers.add(name: "Sec-WebSocket-Extensions", value: extensions) }
                    let configuration = NIOTypedHTTPClientUpgradeConfiguration<Frames?>(
                        upgradeRequestHead: head, upgraders: [upgrader],
                        notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(nil) })
                    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
                    // The first frame may come with the answer to the upgrade.
                    pipeline.leftOverBytesStrategy = .forwardBytes
                    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: pipeline)
                }
            }
        guard let frames = try await outcome.get() else { throw Refused() }
        return SocketClient(frames)
    }

    private init(_ frames: Frames) {
        let (messages, incoming) = AsyncThrowingStream.makeStream(
            of: Incoming.self, bufferingPolicy: .bufferingOldest(10_000))
        let (queue, outgoing) = AsyncStream.makeStream(
            of: WebSocketFrame.self, bufferingPolicy: .bufferingOldest(10_000))
        self.messages = messages
        self.outgoing = outgoing
        let pump = Task {
            try? await frames.executeThenClose { inbound, outbound in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await frame in queue { try? await outbound.write(frame) }
                    }
                    group.addTask {
                        do {
                            for try await frame in inbound { self.receive(frame, incoming) }
                        } catch {}
                        incoming.finish(throwing: Closed(code: nil))
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
            incoming.finish(throwing: Closed(code: nil))
        }
        self.pump.withLock { $0 = pump }
    }

    private func receive(
        _ frame: WebSocketFrame, _ incoming: AsyncThrowingStream<Incoming, any Error>.Continuation
    ) {
        var data = frame.data
        if frame.rsv1 {
            compressedMessages.add(1, ordering: .relaxed)
            let inflated = try? PerMessageDeflate(offers: ["permessage-deflate"])?.inflated(
                Array(data.readableBytesView), limit: 1 << 24)
            data = ByteBuffer(bytes: inflated ?? [])
        }
        switch frame.opcode {
        case .binary:
            if let message = try? Incoming(serializedBytes: [UInt8](data.readableBytesView)) {
                incoming.yield(message)
            }
        case .text:
            if let message = try? Incoming(jsonString: String(buffer: data)) { incoming.yield(message) }
        case .connectionClose:
            incoming.finish(throwing: Closed(code: data.readWebSocketErrorCode()))
        default:
            break
        }
    }

    func send(bytes: [UInt8], _ opcode: WebSocketOpcode) {
        outgoing.yield(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: bytes)))
    }

    func send(deflated bytes: [UInt8]) {
        outgoing.yield(
            WebSocketFrame(
                fin: true, rsv1: true, opcode: .binary, maskKey: .random(), data: ByteBuffer(bytes: bytes)))
    }

    /// The first message that `pick` takes something of; others are passed over.
    func first<Found: Sendable>(
        whole pick: @escaping @Sendable (Incoming) -> Found?
    ) async throws -> Found {
        try await withThrowingTaskGroup(of: Found.self) { group in
            group.addTask { [messages] in
                for try await response in messages {
                    if let found = pick(response) { return found }
                }
                throw Closed(code: nil)
            }
            group.addTask {
                try await Task.sleep(for: .seconds(10))
                throw TimedOut()
            }
            defer { group.cancelAll() }
            guard let found = try await group.next() else { throw TimedOut() }
            return found
        }
    }

    /// Reads until the server closes; its close code.
    func closed() async throws -> WebSocketErrorCode? {
        do {
            let _: Bool = try await first(whole: { _ in nil })
            return nil
        } catch let closed as Closed {
            return closed.code
        }
    }

    /// Goes without a word.
    func cut() {
        outgoing.finish()
        pump.withLock { $0?.cancel() }
    }
}

extension SignalClient {
    func send(_ message: Livekit_SignalRequest.OneOf_Message) throws {
        var request = Livekit_SignalRequest()
        request.message = message
        send(bytes: try request.serializedBytes(), .binary)
    }

    /// The first message that `pick` takes something of; others are passed over.
    func first<Found: Sendable>(
        _ pick: @escaping @Sendable (Livekit_SignalResponse.OneOf_Message) -> Found?
    ) async throws -> Found {
        try await first(whole: { $0.message.flatMap(pick) })
    }

    func join() async throws -> Livekit_JoinResponse {
        try await first { if case .join(let join) = $0 { join } else { nil } }
    }
}

extension WorkerClient {
    func send(_ message: Livekit_WorkerMessage.OneOf_Message, asText: Bool = false) throws {
        var wrapped = Livekit_WorkerMessage()
        wrapped.message = message
        if asText {
            send(bytes: Array(try wrapped.jsonUTF8Data()), .text)
        } else {
            send(bytes: try wrapped.serializedBytes(), .binary)
        }
    }

    func first<Found: Sendable>(
        _ pick: @escaping @Sendable (Livekit_ServerMessage.OneOf_Message) -> Found?
    ) async throws -> Found {
        try await first(whole: { $0.message.flatMap(pick) })
    }
}
