public import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Reads what a LiveKit server posts to a webhook, and believes nothing that the server did not sign.
///
/// ```swift
/// let receiver = WebhookReceiver(apiKey: key, apiSecret: secret)
/// let event = try receiver.receive(body, authorization: request.headers["Authorization"])
/// if event.event == "participant_joined" { print(event.participant.identity) }
/// ```
///
/// Hand in the body as it came: the signature is over its bytes. Answer with a status of 2xx, and soon: the server
/// repeats what fails, and delivers a room's events one after the other.
public struct WebhookReceiver: Sendable {
    private let verifier: TokenVerifier

    /// Creates a receiver that believes one API key.
    public init(apiKey: String, apiSecret: String) {
        self.init(verifier: TokenVerifier(secrets: [apiKey: apiSecret]))
    }

    /// Creates a receiver that believes what a verifier does.
    public init(verifier: TokenVerifier) {
        self.verifier = verifier
    }

    /// Checks and reads a webhook.
    ///
    /// - Parameters:
    ///   - body: The request's body.
    ///   - authorization: Its `Authorization` header: a token, with or without "Bearer".
    ///   - now: The present; the machine's time unless said otherwise.
    /// - Returns: The event. Fields that this version does not know are ignored.
    /// - Throws: ``WebhookError``.
    public func receive(
        _ body: [UInt8], authorization: String?, now: NumericDate? = nil
    ) throws(WebhookError) -> Livekit_WebhookEvent {
        guard let authorization, !authorization.isEmpty else {
            throw WebhookError(code: .missingAuthorization, message: "the request has no Authorization header")
        }
        let scheme = "Bearer "
        let token = authorization.hasPrefix(scheme) ? String(authorization.dropFirst(scheme.count)) : authorization
        let claims: TokenClaims
        do {
            claims = try verifier.verify(token, now: now ?? WallClock.now)
        } catch {
            throw WebhookError(code: .invalidToken, message: "the token does not hold: \(error)")
        }
        guard claims.sha256 == MessageDigest.sha256(body) else {
            throw WebhookError(code: .wrongDigest, message: "the token vouches for another body")
        }
        return try Self.read(body)
    }

    /// Reads a webhook without checking who sent it: for tests, and behind something that has checked it.
    ///
    /// - Throws: ``WebhookError`` with ``WebhookError/Code/malformed``.
    public static func read(_ body: [UInt8]) throws(WebhookError) -> Livekit_WebhookEvent {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        do {
            return try Livekit_WebhookEvent(jsonUTF8Bytes: body, options: options)
        } catch {
            throw WebhookError(code: .malformed, message: "the body is not an event: \(error)")
        }
    }
}
