internal import Crypto

/// A signed JSON object in compact form, `header.payload.signature` (RFC 7515 §3.1), with HS256 only.
package struct JSONWebSignature {
    private static let separator = UInt8(ascii: ".")
    private static let header = #"{"alg":"HS256","typ":"JWT"}"#

    /// The payload. Nothing in it may be trusted before ``isSigned(with:)`` said yes, apart from using its
    /// issuer to find the secret.
    let payload: ClaimObject
    private let signingInput: [UInt8]
    private let signature: [UInt8]

    /// - Throws: ``TokenError`` unless the text is three well-formed parts and asks for HS256. The header's `kid`,
    ///   `jku`, `x5u` and the like are ignored: the secret is found by issuer and by nothing else.
    init(parsing token: String) throws(TokenError) {
        guard token.utf8.count <= TokenVerifier.maximumTokenBytes else { throw TokenError(.tooLarge) }
        var parts = token.utf8.split(separator: Self.separator, omittingEmptySubsequences: false)[...]
        guard parts.count == 3, let header = parts.popFirst(), let payload = parts.popFirst(),
            let signature = parts.popFirst()
        else { throw TokenError(.malformed) }
        let headerClaims = try ClaimObject(json: Self.decode(header))
        // RFC 7515 §4.1.11: an extension marked critical must be understood, and none is.
        guard (try? headerClaims.string("alg")) == "HS256", !headerClaims.contains("crit") else {
            throw TokenError(.unsupportedAlgorithm)
        }
        self.payload = try ClaimObject(json: Self.decode(payload))
        self.signature = try Self.decode(signature)
        signingInput = Array(token.utf8[token.startIndex..<payload.endIndex])
    }

    private static func decode(_ part: Substring.UTF8View) throws(TokenError) -> [UInt8] {
        guard let bytes = Base64URL.decode(part) else { throw TokenError(.malformed) }
        return bytes
    }

    /// Whether the secret made the signature, compared in constant time.
    func isSigned(with secret: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: signingInput, using: SymmetricKey(data: Array(secret.utf8)))
    }

    /// The payload as a signed token.
    static func sign(_ payload: ClaimObject, with secret: String) throws(TokenError) -> String {
        sign(header: Array(header.utf8), payload: try payload.json(), with: secret)
    }

    /// Signs with HS256 whatever the header says.
    package static func sign(header: [UInt8], payload: [UInt8], with secret: String) -> String {
        let input = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(input.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return input + "." + Base64URL.encode(Array(code))
    }
}
