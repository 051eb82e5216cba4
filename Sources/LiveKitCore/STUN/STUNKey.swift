internal import Crypto

/// The key of a message's MESSAGE-INTEGRITY (RFC 8489 §9).
///
/// Keep it: deriving it for each message would cost more than the HMAC.
public struct STUNKey: Sendable {
    private let key: SymmetricKey

    /// The short-term key, which ICE uses: the password itself. ICE passwords are ASCII, so the
    /// OpaqueString profile of RFC 8489 §9.1.1 changes nothing about them.
    public init(password: String) {
        key = SymmetricKey(data: Array(password.utf8))
    }

    /// The long-term key, which TURN uses: MD5 of `username:realm:password` (RFC 8489 §9.2.2).
    public init(username: String, realm: String, password: String) {
        key = SymmetricKey(data: Insecure.MD5.hash(data: Array("\(username):\(realm):\(password)".utf8)))
    }

    /// HMAC-SHA1 over a message that ends before its MESSAGE-INTEGRITY, with the length field set as if the
    /// message ended after it (RFC 8489 §14.5).
    func integrity(ofPrefix prefix: [UInt8]) -> [UInt8] {
        Array(authenticationCode(ofPrefix: prefix))
    }

    /// Compares in constant time.
    func isIntegrity(_ tag: [UInt8], ofPrefix prefix: [UInt8]) -> Bool {
        // swift-crypto's `==` on authentication codes takes the same time whatever the difference.
        authenticationCode(ofPrefix: prefix) == tag
    }

    private func authenticationCode(ofPrefix prefix: [UInt8]) -> HMAC<Insecure.SHA1>.MAC {
        let length = UInt16(truncatingIfNeeded: prefix.count &- STUNMessage.headerSize &+ 24)
        var code = HMAC<Insecure.SHA1>(key: key)
        code.update(data: prefix.prefix(2))
        code.update(data: [UInt8(length >> 8), UInt8(length & 0xFF)])
        code.update(data: prefix.dropFirst(4))
        return code.finalize()
    }
}
