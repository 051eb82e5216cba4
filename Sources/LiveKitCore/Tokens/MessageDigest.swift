internal import Crypto

/// The digest of a message that a token vouches for (``TokenClaims/sha256``): SHA-256 in base64 with padding.
package enum MessageDigest {
    package static func sha256(_ message: [UInt8]) -> String {
        Base64URL.encodePadded(Array(SHA256.hash(data: message)))
    }
}
