import LiveKitPSRPC
import Synchronization

/// A local bus on which subscriptions can be held up.
final class HeldBus: MessageBus {
    let isHeld = Atomic(false)
    /// Subscriptions that were asked for while they are held up.
    let waiting = Atomic(0)
    private let bus = LocalMessageBus()

    func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError) {
        try await bus.publish(message, on: channel)
    }

    func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void) {
        bus.post(message, on: channel, failed: failed)
    }

    func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription {
        if isHeld.load(ordering: .relaxed) { waiting.wrappingAdd(1, ordering: .relaxed) }
        while isHeld.load(ordering: .relaxed) { await Task.yield() }
        return try await bus.subscribe(to: channel, sharing: sharing, capacity: capacity)
    }
}
