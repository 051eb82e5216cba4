internal import LiveKitCore
internal import LiveKitPSRPC

/// Sends signal messages to another node: a ``SignalRelayQueue`` and what drives it.
actor SignalRelaySender<Message: Sendable> {
    typealias Batch = SignalRelayQueue<Message>.Batch

    private var queue = SignalRelayQueue<Message>()
    private let clock: ServerClock
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(clock: ServerClock) { self.clock = clock }

    /// Queues a message. Returns `false` when nothing more is taken.
    func send(_ message: Message) -> Bool {
        defer { wakes.continuation.yield() }
        return queue.append(message)
    }

    /// Nothing comes after what waits.
    func close() {
        queue.close()
        wakes.continuation.yield()
    }

    /// Sends until all is sent after ``close()``, or the other node does not take it.
    ///
    /// - Parameters:
    ///   - closure: Why the stream is over, if it is: then nothing is tried again, whatever its code.
    ///   - transmit: Hands a batch over.
    /// - Returns: Why not all was sent; `nil` when it was.
    func run(
        until closure: @Sendable () async -> RPCError?, _ transmit: @Sendable (Batch) async throws(RPCError) -> Void
    ) async -> RPCError? {
        while true {
            if let failure = await sendWaiting(closure, transmit) { return failure }
            guard !queue.isOver else { return nil }
            var iterator = wakes.stream.makeAsyncIterator()
            guard await iterator.next() != nil else { return .requestCanceled }
        }
    }

    private func sendWaiting(
        _ closure: @Sendable () async -> RPCError?, _ transmit: @Sendable (Batch) async throws(RPCError) -> Void
    ) async -> RPCError? {
        while let batch = queue.nextBatch(now: clock.now()) {
            do throws(RPCError) {
                try await transmit(batch)
                queue.acknowledge(batch)
            } catch {
                if let closure = await closure() { return closure }
                queue.fail(now: clock.now())
                guard !queue.isOver else { return .signalWriteFailed }
                switch error.code {
                case .deadlineExceeded: continue
                case .internal:
                    // The bus cannot be reached: it needs a moment.
                    guard (try? await Task.sleep(for: .nanoseconds(batch.timeout.nanoseconds))) != nil else {
                        return .requestCanceled
                    }
                default: return error
                }
            }
        }
        return nil
    }
}

extension RPCError {
    static let signalWriteFailed = RPCError(.unknown, "signal write failed")
    static let signalMessageDropped = RPCError(.unknown, "signal message dropped")
}
