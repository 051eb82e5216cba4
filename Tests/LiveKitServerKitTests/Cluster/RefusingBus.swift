import LiveKitPSRPC
import Synchronization

/// A local bus that can be told to refuse all that is asked of it.
final class RefusingBus: MessageBus {
    let isAway = Atomic(false)
    private let bus = LocalMessageBus()
    /// Subscriptions that were refused.
    let refused = Atomic(0)

    var channels: Set<String> { bus.channels }

    func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError) {
        if isAway.load(ordering: .relaxed) { throw .unreachable("away") }
        try await bus.publish(message, on: channel)
    }

    func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void) {
        if isAway.load(ordering: .relaxed) { failed() } else { bus.post(message, on: channel, failed: failed) }
    }

    func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription {
        if isAway.load(ordering: .relaxed) {
            refused.wrappingAdd(1, ordering: .relaxed)
            throw .unreachable("away")
        }
        return try await bus.subscribe(to: channel, sharing: sharing, capacity: capacity)
    }
}
