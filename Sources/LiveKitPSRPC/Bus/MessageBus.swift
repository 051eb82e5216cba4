/// Carries messages between the nodes of a cluster, on channels that have names.
///
/// A message reaches those who are subscribed when it is published; nothing is kept for others. What travels is whole
/// and in order for each channel, or lost with the connection. psrpc's `MessageBus`.
package protocol MessageBus: Sendable {
    /// Publishes a message.
    ///
    /// - Throws: ``MessageBusError`` when it cannot be handed to the bus.
    func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError)

    /// Publishes a message without waiting until the bus has it. What one caller posts keeps its order.
    /// `failed` is called when it cannot be handed to the bus.
    func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void)

    /// Subscribes to a channel; messages published after this returns arrive.
    ///
    /// - Parameters:
    ///   - channel: Its name.
    ///   - sharing: Whether each message reaches every subscriber of the channel, or only one of those that queue.
    ///   - capacity: The messages that may wait for the reader. One more drops the newest, and is counted.
    /// - Returns: What arrives from now on.
    /// - Throws: ``MessageBusError`` when the bus cannot be reached.
    func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription
}

/// Who of a channel's subscribers gets a message.
package enum BusSharing: Sendable {
    case everyone
    /// One of those that subscribe with `queue`, in any node.
    case queue
}

/// What arrives on a channel, until it is cancelled.
package struct BusSubscription: Sendable {
    package let channel: String
    /// Ends when the subscription is cancelled or its bus ends.
    package let messages: AsyncStream<[UInt8]>
    private let onCancel: @Sendable () -> Void

    package init(channel: String, messages: AsyncStream<[UInt8]>, onCancel: @escaping @Sendable () -> Void) {
        self.channel = channel
        self.messages = messages
        self.onCancel = onCancel
    }

    /// Ends the subscription. Harmless when it has ended.
    package func cancel() { onCancel() }
}

/// Why a message bus cannot do what it was asked.
package enum MessageBusError: Error, Equatable, Sendable {
    /// The bus cannot be reached now.
    case unreachable(String)
    /// It was shut down.
    case closed
    /// More waits to be sent than may.
    case overloaded
}
