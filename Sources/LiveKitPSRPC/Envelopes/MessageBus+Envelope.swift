internal import SwiftProtobuf

extension MessageBus {
    /// Publishes a message in its envelope.
    func send(_ message: some Message, on channel: String) async throws(RPCError) {
        let bytes = try Envelope.seal(message)
        do {
            try await publish(bytes, on: channel)
        } catch {
            throw RPCError(error)
        }
    }

    /// Publishes a message in its envelope without waiting until the bus has it; what cannot be handed over is counted.
    func post(_ message: some Message, on channel: String, counting counters: RPCCounters) {
        guard let bytes = try? Envelope.seal(message) else { return counters.unsent.increment() }
        post(bytes, on: channel) { counters.unsent.increment() }
    }
}
