import LiveKitProtobuf

@testable import LiveKitServerKit

extension SignalClient {
    /// Pings the server and waits for its answer.
    func ping() async throws {
        try send(.ping(5))
        let _: Bool = try await first { (message: Livekit_SignalResponse.OneOf_Message) -> Bool? in
            guard case .pong = message else { return nil }
            return true
        }
    }
}
