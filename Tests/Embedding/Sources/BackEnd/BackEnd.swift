import LiveKitServerAPI

/// A back end: it makes tokens, calls the API and receives webhooks, without any media.
@main
struct BackEnd {
    static func main() async throws {
        let api = try LiveKitAPI(url: "ws://127.0.0.1:1", apiKey: "devkey", apiSecret: "secret")
        do {
            try await api.room.createRoom("kitchen") { $0.emptyTimeout = 600 }
            preconditionFailure("nobody listens there")
        } catch {
            precondition(error.code == .unavailable, "another error: \(error)")
        }

        var token = AccessToken(apiKey: "devkey", apiSecret: "secret")
        token.sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
        let receiver = WebhookReceiver(apiKey: "devkey", apiSecret: "secret")
        do {
            _ = try receiver.receive(Array("abc".utf8), authorization: try token.jwt(now: now), now: now)
            preconditionFailure("abc is no event")
        } catch let error as WebhookError {
            precondition(error.code == .malformed, "the signature should have held: \(error)")
        }
        let event = try WebhookReceiver.read(Array(#"{"event":"room_started","room":{"name":"kitchen"}}"#.utf8))
        precondition(event.room.name == "kitchen", "the event names another room")
        print("BackEnd: the API's clients and the receiver of webhooks work without a media library.")
    }
}
