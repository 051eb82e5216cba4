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
}
