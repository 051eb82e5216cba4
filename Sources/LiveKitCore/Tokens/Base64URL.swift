/// The base64url alphabet without padding, as JSON Web Signatures use it (RFC 7515 §2, RFC 4648 §5).
///
/// Decoding accepts exactly what encoding produces: padding, line breaks, the characters of plain base64
/// and set bits behind the last whole byte are refused, so that a token has one spelling only.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[Int(bits >> UInt32(bitCount) & 63)])
            }
        }
        if bitCount > 0 {
            text.append(alphabet[Int(bits << UInt32(6 - bitCount) & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Plain base64 instead, filled up to a whole number of four characters (RFC 4648 §4).
    package static func encodePadded(_ bytes: [UInt8]) -> String {
        let plain = encode(bytes).map { character in
            switch character {
            case "-": Character("+")
            case "_": Character("/")
            default: character
            }
        }
        return String(plain) + String(repeating: "=", count: (4 - plain.count % 4) % 4)
    }

    /// - Returns: The bytes, or `nil` when the text is not what ``encode(_:)`` produces.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for character in text {
            guard let value = sextet(character) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        // Six left-over bits are a lone last character; what is left otherwise must be zero.
        guard bitCount < 6, bits & (1 << UInt32(bitCount) &- 1) == 0 else { return nil }
        return bytes
    }

    private static func sextet(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
