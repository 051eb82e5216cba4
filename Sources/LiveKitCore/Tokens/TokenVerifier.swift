/// Checks tokens: that an API key's secret signed them, and that they are valid now.
///
/// HS256 only. The secret is found by the token's issuer, and nothing that the token says about its own key or
/// algorithm is believed. A token must say when it expires.
public struct TokenVerifier: Sendable {
    /// The longest token that is looked at, in bytes: as long as the request line of an ordinary HTTP server.
    public static let maximumTokenBytes = 8192
    /// How far the clocks of signer and verifier may be apart unless said otherwise: one minute.
    public static let defaultLeeway: Duration = .seconds(60)

    /// How far the clocks of signer and verifier may be apart.
    public let leeway: Duration
    private let secret: @Sendable (_ apiKey: String) -> String?

    /// Creates a verifier for a fixed set of API keys.
    ///
    /// - Parameters:
    ///   - secrets: The secret of each API key.
    ///   - leeway: How far the clocks of signer and verifier may be apart.
    public init(secrets: [String: String], leeway: Duration = TokenVerifier.defaultLeeway) {
        self.init(leeway: leeway) { secrets[$0] }
    }

    /// Creates a verifier that asks for secrets.
    ///
    /// - Parameters:
    ///   - leeway: How far the clocks of signer and verifier may be apart.
    ///   - secret: Returns the secret of an API key, or `nil` for an unknown one. It is called with text that
    ///     nobody has checked yet.
    public init(
        leeway: Duration = TokenVerifier.defaultLeeway, secret: @escaping @Sendable (_ apiKey: String) -> String?
    ) {
        self.leeway = leeway
        self.secret = secret
    }

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - token: The token in compact form, without `Bearer`.
    ///   - now: The present.
    /// - Returns: What the token says. Whether that suffices for a request is the caller's question.
    /// - Throws: ``TokenError``. A wrong signature is reported before anything that the token says.
    public func verify(_ token: String, now: NumericDate) throws(TokenError) -> TokenClaims {
        let signature = try JSONWebSignature(parsing: token)
        guard let issuer = try signature.payload.string("iss"), let secret = secret(issuer) else {
            throw TokenError(.unknownIssuer)
        }
        // Anybody can sign with an empty secret.
        guard !secret.isEmpty else { throw TokenError(.emptySecret) }
        guard signature.isSigned(with: secret) else { throw TokenError(.invalidSignature) }
        let claims = try TokenClaims(signature.payload)
        let leewaySeconds = leeway.components.seconds
        guard now < claims.expiresAt.advanced(bySeconds: leewaySeconds) else { throw TokenError(.expired) }
        if let notBefore = claims.notBefore, now.advanced(bySeconds: leewaySeconds) < notBefore {
            throw TokenError(.notYetValid)
        }
        return claims
    }
}
