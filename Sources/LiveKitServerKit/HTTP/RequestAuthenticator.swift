internal import LiveKitCore

/// Finds and checks a request's access token.
struct RequestAuthenticator: Sendable {
    let verifier: TokenVerifier
    let clock: ServerClock

    init(keys: [String: String], clock: ServerClock) {
        verifier = TokenVerifier(secrets: keys)
        self.clock = clock
    }

    /// The claims of a request's token: of its `Authorization` header, else of its `access_token`; `nil` without
    /// either. A token that does not hold is an error wherever it is sent.
    func claims(authorization: String?, accessToken: String?) throws(HTTPFailure) -> TokenClaims? {
        let token: String
        if let authorization, !authorization.isEmpty {
            let scheme = "Bearer "
            guard authorization.hasPrefix(scheme) else { throw .unauthorized("invalid authorization header") }
            token = String(authorization.dropFirst(scheme.count))
        } else if let accessToken, !accessToken.isEmpty {
            token = accessToken
        } else {
            return nil
        }
        do {
            let now = NumericDate(secondsSinceEpoch: clock.unixMilliseconds() / 1000)
            return try verifier.verify(token, now: now)
        } catch {
            throw .unauthorized("invalid token: \(error)")
        }
    }
}
