internal import Crypto

/// The digest of a message that a token vouches for (``TokenClaims/sha256``): SHA-256 in base64 with padding.
package enum MessageDigest {
    package static func sha256(_ message: [UInt8]) -> String {
        let plain = Base64URL.encode(Array(SHA256.hash(data: message))).map { character in
            switch character {
            case "-": Character("+")
            case "_": Character("/")
            default: character
            }
        }
        // RFC 4648 §4: base64 is filled up to a whole number of four characters.
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        return String(plain) + padding
    }
}
