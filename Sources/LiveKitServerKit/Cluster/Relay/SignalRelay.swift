internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// The signalling of a participant whose socket is here and whose room is on another node: `Signal.RelaySignal`.
actor SignalRelay {
    typealias Stream = RPCStream<Rpc_RelaySignalRequest, Rpc_RelaySignalResponse>

    nonisolated let room: String
    nonisolated let outbox = SignalOutbox()
    nonisolated private let stream: Stream
    nonisolated private let sender: SignalRelaySender<Livekit_SignalRequest>
    private var order = SignalRelayOrder()
    private var isRunning = false

    private init(room: String, stream: Stream, clock: ServerClock) {
        self.room = room
        self.stream = stream
        sender = SignalRelaySender(clock: clock)
    }

    /// Begins a session on another node and waits for its first answer, which is in the outbox then.
    ///
    /// - Returns: The relay, and what the room's node said first.
    /// - Throws: ``RPCError``: why the node does not answer, or does not let the participant in.
    static func open(
        _ parameters: JoinParameters, to node: String, of peers: NodePeers, clock: ServerClock, patience: MediaDuration
    ) async throws(RPCError) -> (relay: SignalRelay, answer: Livekit_SignalResponse) {
        let start = try Livekit_StartSession(parameters)
        let stream = try await peers.client.open(SignalRPC.relaySignal, topic: [node])
        do throws(RPCError) {
            var request = Rpc_RelaySignalRequest()
            request.startSession = start
            try await stream.send(request)
            let relay = SignalRelay(room: parameters.room, stream: stream, clock: clock)
            return (relay, try await relay.firstAnswer(within: patience))
        } catch {
            await stream.close(error)
            throw error
        }
    }

    private func firstAnswer(within patience: MediaDuration) async throws(RPCError) -> Livekit_SignalResponse {
        guard let message = await stream.next(within: patience) else {
            throw await stream.closure ?? .requestTimedOut
        }
        guard let answer = message.responses.first else { throw .noResponse }
        if await !take(message) { outbox.finish() }
        return answer
    }

    /// Hands a client's request over.
    nonisolated func send(_ message: Livekit_SignalRequest.OneOf_Message) async {
        var request = Livekit_SignalRequest()
        request.message = message
        if await !sender.send(request) { await stream.close(.slowConsumer) }
    }

    /// Carries messages both ways until either side ends.
    func run() async {
        isRunning = true
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [sender, stream] in
                let failure = await sender.run(until: { await stream.closure }) { batch throws(RPCError) in
                    try await stream.send(Rpc_RelaySignalRequest(batch), timeout: batch.timeout)
                }
                await stream.close(failure ?? .streamClosed)
            }
            for await message in stream.messages {
                guard await take(message) else { break }
            }
            outbox.finish()
            group.cancelAll()
        }
    }

    /// The socket is gone. What it sent before still goes over.
    func end() async {
        if isRunning { await sender.close() } else { await stream.close(.streamClosed) }
    }

    /// Returns whether more will come.
    private func take(_ message: Rpc_RelaySignalResponse) async -> Bool {
        guard let responses = order.accept(message.seq, message.responses) else {
            await stream.close(.signalMessageDropped)
            return false
        }
        for case .some(let response) in responses.map(\.message) { outbox.send(response) }
        if message.close { await stream.close(.streamClosed) }
        return !message.close
    }
}

extension Rpc_RelaySignalRequest {
    init(_ batch: SignalRelayQueue<Livekit_SignalRequest>.Batch) {
        self.init()
        seq = batch.sequence
        requests = batch.messages
        close = batch.isLast
    }
}
