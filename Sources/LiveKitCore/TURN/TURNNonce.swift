internal import Crypto

/// Makes and checks the nonces of a TURN server without remembering any: each says when it was made, and proves
/// by a code over that time and the client's address that this server made it.
///
/// ```
/// 24 bits of seconds | 48 bits of HMAC-SHA256, as 12 characters of base64
/// ```
///
/// Twelve characters, because the refusal that carries them goes to addresses that nobody has proven, and must
/// stay under one and a half times the request (28 bytes of Allocate, 28 of IPv4 and UDP).
package struct TURNNonce: Sendable {
    /// Bytes that ``init(entropy:lifetimeSeconds:)`` wants.
    package static let entropySize = 32
    /// Characters of a nonce.
    package static let length = 12
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let secondsMask: UInt64 = 0xFF_FFFF

    private let key: SymmetricKey
    private let lifetimeSeconds: UInt64

    /// A maker with a key of its own.
    ///
    /// - Precondition: at least ``entropySize`` bytes from a cryptographic source.
    package init(entropy: [UInt8], lifetimeSeconds: Int) {
        precondition(entropy.count >= Self.entropySize, "too little entropy for a nonce key")
        key = SymmetricKey(data: entropy)
        self.lifetimeSeconds = UInt64(max(lifetimeSeconds, 1))
    }

    /// A nonce for the client at `address`, made at `seconds` of any clock that does not go back.
    package func make(for address: TransportAddress, seconds: Int64) -> String {
        let time = UInt64(bitPattern: seconds) & Self.secondsMask
        let code = authenticationCode(time: time, address: address).prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return String(decoding: Self.digits(4, of: time) + Self.digits(8, of: code), as: UTF8.self)
    }

    /// Whether this maker made `nonce` for `address`, and not too long ago.
    package func isValid(_ nonce: String, for address: TransportAddress, seconds: Int64) -> Bool {
        guard nonce.utf8.count == Self.length, let time = Self.time(of: nonce) else { return false }
        let age = (UInt64(bitPattern: seconds) &- time) & Self.secondsMask
        guard age <= lifetimeSeconds else { return false }
        return nonce == make(for: address, seconds: Int64(time))
    }

    private static func digits(_ count: Int, of value: UInt64) -> [UInt8] {
        (0..<count).reversed().map { alphabet[Int(value >> UInt64($0 * 6) & 63)] }
    }

    private static func time(of nonce: String) -> UInt64? {
        var time: UInt64 = 0
        for character in nonce.utf8.prefix(4) {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            time = time << 6 | UInt64(digit)
        }
        return time
    }

    private func authenticationCode(time: UInt64, address: TransportAddress) -> [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.write(time)
        writer.write(address.family.rawValue)
        writer.write(address.high)
        writer.write(address.low)
        writer.write(address.port)
        return Array(HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key))
    }
}
