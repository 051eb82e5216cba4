internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// Carries one side of a stream: the machine, the bus to the other side, and those who wait for acknowledgements.
actor StreamLink {
    /// What became of a message that was handed to the stream's reader.
    enum Delivery: Sendable {
        case taken
        case readerIsFull
        case malformed(RPCError)
    }

    /// What a stream stands on.
    struct Seed: Sendable {
        let id: String
        let clock: RPCClock
        let counters: RPCCounters
        /// Hands an envelope to the other side.
        let transmit: @Sendable (PSRPCStream) async throws(RPCError) -> Void
        /// The same without waiting until the bus has it. Who reads for all streams waits for none.
        let post: @Sendable (PSRPCStream) -> Void
        /// Called once the stream is over.
        let onClose: @Sendable () async -> Void
    }

    nonisolated let id: String
    nonisolated private let seed: Seed
    private let deliver: @Sendable (Data) -> Delivery
    private let finish: @Sendable () -> Void
    private var state: StreamState
    private var waiting: [String: AsyncStream<Result<Void, RPCError>>.Continuation] = [:]

    init(_ seed: Seed, deliver: @escaping @Sendable (Data) -> Delivery, finish: @escaping @Sendable () -> Void) {
        id = seed.id
        self.seed = seed
        self.deliver = deliver
        self.finish = finish
        state = StreamState(id: seed.id)
    }

    /// Why the stream is over; `nil` while it is not.
    var closure: RPCError? { state.closure }

    /// Sends a message and waits until the other side has it.
    func send(_ payload: Data, timeout: MediaDuration) async throws(RPCError) {
        let requestID = RPCIdentifier.request()
        let envelope = try state.send(
            payload, requestID: requestID, timeout: timeout, now: seed.clock.now(),
            unixNow: seed.clock.unixNanoseconds())
        let (outcomes, continuation) = AsyncStream.makeStream(
            of: Result<Void, RPCError>.self, bufferingPolicy: .bufferingNewest(1))
        waiting[requestID] = continuation
        defer {
            waiting[requestID] = nil
            state.forget(requestID)
        }
        try await seed.transmit(envelope)
        let outcome = await withTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try? await Task.sleep(for: Duration(timeout))
                await self.handleTimeout()
            }
            for await outcome in outcomes { return outcome }
            return .failure(.requestCanceled)
        }
        try outcome.get()
    }

    /// Tells the other side that something has been taken.
    func acknowledge(_ envelope: PSRPCStream) { seed.post(state.acknowledgement(of: envelope)) }

    /// What came from the other side.
    func receive(_ envelope: PSRPCStream) async {
        switch state.receive(envelope, unixNow: seed.clock.unixNanoseconds()) {
        case .acknowledged(let requestID): waiting[requestID]?.yield(.success(()))
        case .message(let payload): await take(payload, envelope)
        case .closed(let cause): await end(cause)
        case .expired: seed.counters.expired.increment()
        case .nothing: break
        }
    }

    /// Closes the stream and tells the other side. Harmless when it is closed.
    func close(_ cause: RPCError) async {
        let envelope = state.close(
            cause, requestID: RPCIdentifier.request(), timeout: RPCBounds.timeout,
            unixNow: seed.clock.unixNanoseconds())
        guard let envelope else { return }
        await transmit(envelope)
        await end(cause)
    }

    // MARK: Inside

    private func take(_ payload: Data, _ envelope: PSRPCStream) async {
        switch deliver(payload) {
        case .taken: acknowledge(envelope)
        case .readerIsFull: seed.counters.slowReaders.increment()
        case .malformed(let error):
            seed.counters.malformed.increment()
            await close(error)
        }
    }

    private func handleTimeout() {
        for requestID in state.handleTimeout(now: seed.clock.now()) {
            waiting[requestID]?.yield(.failure(.requestTimedOut))
        }
    }

    private func end(_ cause: RPCError) async {
        for continuation in waiting.values { continuation.yield(.failure(cause)) }
        finish()
        await seed.onClose()
    }

    /// Says that the stream is over. The other side's patience ends by itself if that does not arrive.
    private func transmit(_ envelope: PSRPCStream) async {
        do { try await seed.transmit(envelope) } catch { seed.counters.unsent.increment() }
    }
}
