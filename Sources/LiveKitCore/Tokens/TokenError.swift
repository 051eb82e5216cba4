/// Why a token was refused, or could not be made.
///
/// It never carries the token, the secret or a claim's value, so that it may be logged.
public struct TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. A struct rather than an enum, so that kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        init(_ name: StaticString) {
            description = name.description
        }

        /// The token is longer than ``TokenVerifier/maximumTokenBytes``.
        public static let tooLarge = Code("tooLarge")
        /// The text is not a signed token: not three parts, not base64url, not UTF-8, not a JSON object, or an
        /// object that names a member twice.
        public static let malformed = Code("malformed")
        /// The header asks for another algorithm than HS256, or for an extension that must be understood.
        public static let unsupportedAlgorithm = Code("unsupportedAlgorithm")
        /// There is no secret for the token's issuer.
        public static let unknownIssuer = Code("unknownIssuer")
        /// The signature is not that of the issuer's secret.
        public static let invalidSignature = Code("invalidSignature")
        /// The token does not say when it expires.
        public static let missingExpiry = Code("missingExpiry")
        /// The token has expired.
        public static let expired = Code("expired")
        /// The token is not valid yet.
        public static let notYetValid = Code("notYetValid")
        /// A claim has the wrong type or an impossible value; ``TokenError/claim`` names it.
        public static let invalidClaim = Code("invalidClaim")
        /// A token cannot be made without what ``TokenError/claim`` names.
        public static let missingClaim = Code("missingClaim")
        /// A token cannot be made or checked with an empty secret.
        public static let emptySecret = Code("emptySecret")
        /// The room configuration holds credentials for storage, which every holder of the token could read.
        public static let storageCredentials = Code("storageCredentials")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The claim that it is about, if it is about one, by its name in the token.
    public let claim: String?

    init(_ code: Code, claim: String? = nil) {
        self.code = code
        self.claim = claim
    }

    /// The code, and the claim in parentheses.
    public var description: String {
        guard let claim else { return code.description }
        return "\(code.description) (\(claim))"
    }
}
