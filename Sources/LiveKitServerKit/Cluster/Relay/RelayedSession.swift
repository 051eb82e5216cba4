internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// A participant whose room is here and whose socket is on another node.
struct RelayedSession: Sendable {
    let entrance: RoomEntrance
    let stream: RPCStream<Rpc_RelaySignalResponse, Rpc_RelaySignalRequest>

    /// Lets the participant in and carries messages both ways until either side ends.
    func run() async {
        guard let first = await stream.next(within: SignalRelayBounds.retryTimeout), first.hasStartSession else {
            return await stream.close(RPCError(.malformedRequest, "expected start session message"))
        }
        do throws(RPCError) {
            let parameters = try JoinParameters(first.startSession, issuer: entrance.defaultIssuer)
            await serve(try await entrance.enterRelayed(parameters))
        } catch {
            await stream.close(error)
        }
    }

    private func serve(_ session: JoinedSession) async {
        let sender = SignalRelaySender<Livekit_SignalResponse>(clock: entrance.services.clock)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let failure = await sender.run(until: { await stream.closure }) { batch throws(RPCError) in
                    try await stream.send(Rpc_RelaySignalResponse(batch), timeout: batch.timeout)
                }
                await stream.close(failure ?? .streamClosed)
            }
            group.addTask {
                for await response in session.outbox.messages {
                    guard await sender.send(response) else { return await stream.close(.slowConsumer) }
                }
                await sender.close()
            }
            await read(into: session)
            // What is queued still goes out.
            await session.end()
            session.outbox.finish()
        }
    }

    private func read(into session: JoinedSession) async {
        var order = SignalRelayOrder()
        for await message in stream.messages {
            guard let requests = order.accept(message.seq, message.requests) else {
                return await stream.close(.signalMessageDropped)
            }
            for case .some(let request) in requests.map(\.message) { await session.deliver(request) }
            if message.close { return }
        }
    }
}

extension Rpc_RelaySignalResponse {
    init(_ batch: SignalRelayQueue<Livekit_SignalResponse>.Batch) {
        self.init()
        seq = batch.sequence
        responses = batch.messages
        close = batch.isLast
    }
}
