import LiveKitPSRPC
import Synchronization

/// A local bus that can be told to lose what is published.
final class LossyBus: MessageBus {
    let losesEverything = Atomic(false)
    private let bus = LocalMessageBus()

    func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError) {
        if losesEverything.load(ordering: .relaxed) { return }
        try await bus.publish(message, on: channel)
    }

    func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void) {
        if !losesEverything.load(ordering: .relaxed) { bus.post(message, on: channel, failed: failed) }
    }

    func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription {
        try await bus.subscribe(to: channel, sharing: sharing, capacity: capacity)
    }
}
