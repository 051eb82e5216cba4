internal import Synchronization

/// A message bus within one process: for tests, and for a node that is alone.
///
/// Publishing hands a message to its readers at once. A queue's members take turns.
package final class LocalMessageBus: MessageBus {
    private struct Reader {
        let id: Int
        let continuation: AsyncStream<[UInt8]>.Continuation
    }

    private struct Channel {
        var everyone: [Reader] = []
        var queue: [Reader] = []
        var turn = 0

        var isEmpty: Bool { everyone.isEmpty && queue.isEmpty }
    }

    private struct State {
        var channels: [String: Channel] = [:]
        var readers = 0
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    /// How many messages found their reader's buffer full.
    package var droppedMessages: Int { state.withLock { $0.dropped } }

    /// The channels somebody listens to.
    package var channels: Set<String> { state.withLock { Set($0.channels.keys) } }

    package func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError) {
        guard isHanded(message, to: channel) else { throw .closed }
    }

    package func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void) {
        if !isHanded(message, to: channel) { failed() }
    }

    package func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription {
        let (messages, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(capacity))
        let id: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.readers += 1
            let reader = Reader(id: state.readers, continuation: continuation)
            switch sharing {
            case .everyone: state.channels[channel, default: Channel()].everyone.append(reader)
            case .queue: state.channels[channel, default: Channel()].queue.append(reader)
            }
            return reader.id
        }
        guard let id else { throw .closed }
        return BusSubscription(channel: channel, messages: messages) { [weak self] in
            self?.remove(id, from: channel)
            continuation.finish()
        }
    }

    /// Ends all subscriptions; nothing is carried from now on.
    package func close() {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.channels = [:] }
            return state.channels
        }
        for channel in channels.values {
            for reader in channel.everyone + channel.queue { reader.continuation.finish() }
        }
    }

    // MARK: Inside

    private func isHanded(_ message: [UInt8], to channel: String) -> Bool {
        state.withLock { state in
            if !state.isClosed { Self.hand(message, to: channel, in: &state) }
            return !state.isClosed
        }
    }

    private static func hand(_ message: [UInt8], to name: String, in state: inout State) {
        guard var channel = state.channels[name] else { return }
        var readers = channel.everyone
        if !channel.queue.isEmpty {
            channel.turn = (channel.turn + 1) % channel.queue.count
            readers.append(channel.queue[channel.turn])
            state.channels[name] = channel
        }
        for reader in readers {
            if case .dropped = reader.continuation.yield(message) { state.dropped += 1 }
        }
    }

    private func remove(_ id: Int, from name: String) {
        state.withLock { state in
            guard var channel = state.channels[name] else { return }
            channel.everyone.removeAll { $0.id == id }
            channel.queue.removeAll { $0.id == id }
            state.channels[name] = channel.isEmpty ? nil : channel
        }
    }
}
