internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import NIOCore
internal import NIOWebSocket
internal import SwiftProtobuf
internal import Synchronization

/// Carries one worker's messages over its WebSocket (`/agent`) until either side ends it.
final class AgentSocket: Sendable {
    private let service: AgentService
    private let apiKey: String
    private let maximumBytes: Int
    private let clock: ServerClock
    private let logger: Logger
    private let outbox = AgentOutbox()
    /// The form that the worker used last; answers use the same.
    private let usesText = Atomic<Bool>(false)
    private let lastHeard: Atomic<Int64>
    private let isRegistered = Atomic<Bool>(false)

    typealias Inbound = NIOAsyncChannelInboundStream<WebSocketFrame>

    private struct Misbehaviour: Error {}

    init(apiKey: String, maximumBytes: Int, services: ControlServices) {
        service = services.agents
        self.apiKey = apiKey
        self.maximumBytes = maximumBytes
        clock = services.clock
        logger = services.logger
        lastHeard = Atomic(services.clock.now().nanoseconds)
    }

    /// Serves the socket; returns when it is over. The pool of workers has been told then.
    func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                let outbound = WebSocketWriter(outbound)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await self.read(inbound, outbound) }
                    group.addTask { await self.write(outbound) }
                    group.addTask { await self.watch(outbound) }
                    await group.next()
                    group.cancelAll()
                }
            }
        } catch {
            logger.debug("worker socket ended", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Writing

    private func write(_ outbound: WebSocketWriter) async {
        do {
            for await message in outbox.messages {
                let isText = usesText.load(ordering: .relaxed)
                let data: ByteBuffer
                if isText {
                    data = ByteBuffer(string: try message.jsonString())
                } else {
                    let bytes: [UInt8] = try message.serializedBytes()
                    data = ByteBuffer(bytes: bytes)
                }
                try await outbound.write(WebSocketFrame(fin: true, opcode: isText ? .text : .binary, data: data))
            }
        } catch {
            logger.trace("cannot write to a worker", metadata: ["error": "\(error)"])
        }
    }

    /// Pings, and ends when the worker did not register in time or is silent for too long.
    private func watch(_ outbound: WebSocketWriter) async {
        let opened = clock.now()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: AgentBounds.ping)) != nil {
                    let frame = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
                    guard (try? await outbound.write(frame)) != nil else { return }
                }
            }
            // Beside the pings: writing them waits where the other side does not read.
            group.addTask {
                while (try? await Task.sleep(for: .seconds(1))) != nil {
                    let now = self.clock.now().nanoseconds
                    let silence = Duration.nanoseconds(now &- self.lastHeard.load(ordering: .relaxed))
                    let age = Duration.nanoseconds(now &- opened.nanoseconds)
                    let isLate = !self.isRegistered.load(ordering: .relaxed) && age > AgentBounds.registration
                    if isLate { try? await outbound.close(.policyViolation) }
                    guard silence < AgentBounds.silence, !isLate else { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Reading

    private func read(_ inbound: Inbound, _ outbound: WebSocketWriter) async {
        var assembler = WebSocketMessageAssembler(maximumBytes: maximumBytes)
        var worker: String?
        do {
            for try await frame in inbound {
                lastHeard.store(clock.now().nanoseconds, ordering: .relaxed)
                switch try assembler.receive(frame) {
                case .nothing, .pong: break
                case .ping(let data): try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
                case .close: throw CancellationError()
                case .binary(let data):
                    usesText.store(false, ordering: .relaxed)
                    let message = try Livekit_WorkerMessage(serializedBytes: [UInt8](data.readableBytesView))
                    try await handle(message, &worker)
                case .text(let text):
                    usesText.store(true, ordering: .relaxed)
                    var options = JSONDecodingOptions()
                    options.ignoreUnknownFields = true
                    try await handle(try Livekit_WorkerMessage(jsonString: text, options: options), &worker)
                }
            }
        } catch let violation as WebSocketMessageAssembler.Violation {
            try? await outbound.close(violation.code)
        } catch is CancellationError {
            try? await outbound.close(.normalClosure)
        } catch {
            logger.info("a worker's message is refused", metadata: ["error": "\(error)"])
            try? await outbound.close(.policyViolation)
        }
        if let worker { await service.workerLeft(worker) }
    }

    private func handle(_ message: Livekit_WorkerMessage, _ worker: inout String?) async throws {
        switch message.message {
        case .ping(let ping):
            var pong = Livekit_WorkerPong()
            pong.lastTimestamp = ping.timestamp
            pong.timestamp = clock.unixMilliseconds()
            outbox.send(.pong(pong))
        case .register(let request):
            guard worker == nil else { throw Misbehaviour() }
            worker = try await service.register(request, apiKey: apiKey, outbox: outbox)
            isRegistered.store(true, ordering: .relaxed)
        case .some(let message):
            // Nothing else may be said before it is known who speaks.
            guard let worker else { throw Misbehaviour() }
            await service.receive(message, from: worker)
        case nil:
            // A later protocol's message.
            break
        }
    }
}
