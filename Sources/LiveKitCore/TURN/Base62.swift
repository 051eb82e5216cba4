/// The base 62 in which LiveKit writes TURN user names and passwords: six bits to a character from the end of the
/// data on, but five where six would be 30, 31, 62 or 63, so that 62 characters suffice.
package enum Base62 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    /// Values whose bits 1 to 4 are all set take five bits.
    private static let shortMask: UInt8 = 0b1_1110
    private static let digits: [UInt8: UInt8] = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt8($0)) })

    package static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity(bytes.count * 8 / 5 + 1)
        var bitsLeft = bytes.count * 8
        while bitsLeft > 0 {
            let end = bitsLeft
            let start = max(0, end - 6)
            var value = bits(from: start, to: end, of: bytes)
            bitsLeft = start
            if value & shortMask == shortMask, start > 0 || value > 0b1_1111 {
                value &= 0b1_1111
                bitsLeft = start + 1
            }
            characters.append(alphabet[Int(value)])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The bytes, or `nil` for text with other characters.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var reversed: [UInt8] = []
        reversed.reserveCapacity(text.utf8.count * 6 / 8 + 1)
        var pending: UInt16 = 0
        var pendingBits = 0
        var charactersLeft = text.utf8.count
        for character in text.utf8 {
            guard let value = digits[character] else { return nil }
            charactersLeft -= 1
            pending |= UInt16(value) << UInt16(pendingBits)
            if charactersLeft == 0 {
                pendingBits += 8 - value.leadingZeroBitCount
            } else {
                pendingBits += value & shortMask == shortMask ? 5 : 6
            }
            if pendingBits >= 8 {
                reversed.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                pendingBits -= 8
            }
        }
        if pendingBits > 0 { reversed.append(UInt8(truncatingIfNeeded: pending)) }
        return reversed.reversed()
    }

    /// The bits `start..<end` of the bytes taken as one number, most significant bit first.
    private static func bits(from start: Int, to end: Int, of bytes: [UInt8]) -> UInt8 {
        var value: UInt8 = 0
        for index in start..<end {
            value = value << 1 | bytes[index / 8] >> UInt8(7 - index % 8) & 1
        }
        return value
    }
}
