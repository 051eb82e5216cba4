internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import NIOCore
internal import NIOWebSocket
internal import Synchronization

/// Carries one session's signalling over its WebSocket until either side ends it.
///
/// It owns the socket's frames; what the messages mean is the room's affair, but for pings, which are answered
/// here so that they tell of the connection alone.
final class SignalSocket: Sendable {
    let session: JoinedSession
    private let limits: LiveKitServerConfiguration.Limits
    private let timeouts: LiveKitServerConfiguration.Timeouts
    private let clock: ServerClock
    private let counters: ServerCounters
    private let logger: Logger
    /// The form that the client used last; answers use the same.
    private let usesText = Atomic<Bool>(false)
    private let lastHeard: Atomic<Int64>
    /// What our close frame says: the same as the client's.
    private let closeCode = Atomic(UInt16(webSocketErrorCode: .normalClosure))

    typealias Inbound = NIOAsyncChannelInboundStream<WebSocketFrame>

    init(_ session: JoinedSession, timeouts: LiveKitServerConfiguration.Timeouts, services: ControlServices) {
        self.session = session
        self.timeouts = timeouts
        limits = services.limits
        clock = services.clock
        counters = services.counters
        lastHeard = Atomic(services.clock.now().nanoseconds)
        var logger = services.logger
        logger[metadataKey: "participantID"] = "\(session.participant)"
        self.logger = logger
    }

    /// Serves the socket; returns when it is over. The room has been told then.
    func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
        let closer = channel.channel
        session.outbox.whenCutOff { closer.close(promise: nil) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [session] in await session.carry() }
            do {
                try await channel.executeThenClose { inbound, outbound in
                    await self.serve(inbound, WebSocketWriter(outbound))
                }
            } catch {
                logger.debug("signalling ended", metadata: ["error": "\(error)"])
            }
            await session.end()
        }
    }

    private enum End {
        case read, closing, written, silent
    }

    private func serve(_ inbound: Inbound, _ outbound: WebSocketWriter) async {
        await withTaskGroup(of: End.self) { group in
            group.addTask {
                await self.read(inbound, outbound)
            }
            group.addTask {
                await self.write(outbound)
                return .written
            }
            group.addTask {
                await self.ping(outbound)
                return .silent
            }
            switch await group.next() {
            case .written, .closing:
                // What is queued goes out before our close frame. After it the client may still be sending, and
                // closing under it could lose what it has not read yet. So each side gets a moment to answer.
                session.outbox.finish()
                group.addTask { [timeouts] in
                    try? await Task.sleep(for: timeouts.drain)
                    return .silent
                }
                _ = await group.next()
            case .read, .silent, nil: break
            }
            group.cancelAll()
        }
    }

    // MARK: Writing

    private func write(_ outbound: WebSocketWriter) async {
        do {
            var isFirst = true
            for await response in session.outbox.messages {
                // The first message answers the join.
                try await isFirst ? answer(response, outbound) : send(response, outbound)
                isFirst = false
            }
            try await outbound.close(WebSocketErrorCode(codeNumber: Int(closeCode.load(ordering: .relaxed))))
        } catch {
            logger.trace("cannot write", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ response: Livekit_SignalResponse, _ outbound: WebSocketWriter) async throws {
        do {
            try await send(response, outbound)
        } catch {
            counters.joining(.signalWriteInitialResponseFailed)
            if session.asked != nil { counters.operation("participant_join", error: "send_response") }
            throw error
        }
        counters.joining(.signalConnected)
        // A session that is gone on with, or is not, was joined before.
        guard let join = session.asked else { return }
        counters.operation("participant_join")
        counters.joinAnswered(protocolVersion: join.protocolVersion, after: clock.now() - join.at)
    }

    private func send(_ response: Livekit_SignalResponse, _ outbound: WebSocketWriter) async throws {
        let isText = usesText.load(ordering: .relaxed)
        guard let data = isText ? SignalCodec.text(response) : SignalCodec.binary(response) else { return }
        let compressed = session.compression?.compressed(Array(data.readableBytesView))
        let frame = WebSocketFrame(
            fin: true, rsv1: compressed != nil, opcode: isText ? .text : .binary,
            data: compressed.map { ByteBuffer(bytes: $0) } ?? data)
        do {
            try await outbound.write(frame)
            counters.signalResponses.increment()
        } catch {
            counters.failedSignalResponses.increment()
            throw error
        }
    }

    /// Pings the client, and ends when nothing was heard for too long.
    private func ping(_ outbound: WebSocketWriter) async {
        do {
            while true {
                try await Task.sleep(for: timeouts.signalPing)
                let silence = clock.now().nanoseconds &- lastHeard.load(ordering: .relaxed)
                guard Duration.nanoseconds(silence) < timeouts.signalSilence else { return }
                try await outbound.write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
            }
        } catch {
            logger.trace("pinging ended")
        }
    }

    // MARK: Reading

    private func read(_ inbound: Inbound, _ outbound: WebSocketWriter) async -> End {
        var assembler = WebSocketMessageAssembler(
            maximumBytes: limits.signalMessageBytes, compression: session.compression)
        do {
            for try await frame in inbound {
                lastHeard.store(clock.now().nanoseconds, ordering: .relaxed)
                guard try await receive(assembler.receive(frame), outbound) else { return .closing }
            }
        } catch let violation as WebSocketMessageAssembler.Violation {
            counters.malformedSignals.increment()
            try? await outbound.close(violation.code)
        } catch is SignalDecodingError {
            counters.malformedSignals.increment()
            counters.failedSignalRequests.increment()
            logger.info("malformed signal message")
            try? await outbound.close(.dataInconsistentWithMessage)
        } catch {
            logger.trace("cannot read", metadata: ["error": "\(error)"])
        }
        return .read
    }

    /// Returns `false` when the client closed.
    private func receive(_ input: WebSocketMessageAssembler.Input, _ outbound: WebSocketWriter) async throws -> Bool {
        switch input {
        case .nothing, .pong:
            return true
        case .ping(let data):
            try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
            return true
        case .close(let code):
            if let code { closeCode.store(UInt16(webSocketErrorCode: code), ordering: .relaxed) }
            return false
        case .binary(let data):
            usesText.store(false, ordering: .relaxed)
            await handle(try SignalCodec.decode(binary: data))
            return true
        case .text(let text):
            usesText.store(true, ordering: .relaxed)
            await handle(try SignalCodec.decode(text: text))
            return true
        }
    }

    private func handle(_ request: Livekit_SignalRequest) async {
        counters.signalRequests.increment()
        switch request.message {
        case .ping(let sentAt):
            session.outbox.send(.pong(clock.unixMilliseconds()))
            await session.deliver(.ping(sentAt))
        case .pingReq(let ping):
            var pong = Livekit_Pong()
            pong.lastPingTimestamp = ping.timestamp
            pong.timestamp = clock.unixMilliseconds()
            session.outbox.send(.pongResp(pong))
            await session.deliver(.pingReq(ping))
        case .some(let message):
            await receive(message)
        case nil:
            break
        }
    }
}
