/// The Castagnoli cyclic redundancy check that protects an SCTP packet, eight bytes a step.
///
/// - SeeAlso: [RFC 9260 §6.8, appendix A](https://www.rfc-editor.org/rfc/rfc9260#section-6.8).
package struct CRC32c {
    /// The polynomial 0x1EDC6F41, bits reversed.
    private static let polynomial: UInt32 = 0x82F6_3B78
    /// `tables[256 * n + b]` is the remainder of byte `b` followed by `n` zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? remainder >> 1 ^ polynomial : remainder >> 1
            }
            tables[byte] = remainder
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()

    private var remainder: UInt32 = .max

    package init() {}

    /// The checksum of what was added so far.
    package var value: UInt32 { ~remainder }

    /// The checksum of `bytes`.
    package static func checksum(of bytes: RawSpan) -> UInt32 {
        var check = CRC32c()
        check.add(bytes)
        return check.value
    }

    package mutating func add(_ bytes: RawSpan) {
        let tables = Self.tables
        var crc = remainder
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            crc = Self.step(crc, over: word, tables)
            offset += 8
        }
        while offset < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            crc = crc >> 8 ^ tables[Int((crc ^ UInt32(byte)) & 0xFF)]
            offset += 1
        }
        remainder = crc
    }

    private static func step(_ crc: UInt32, over word: UInt64, _ tables: [UInt32]) -> UInt32 {
        let mixed = word ^ UInt64(crc)
        var result: UInt32 = 0
        for index in 0..<8 {
            let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * index)) & 0xFF
            result ^= tables[(7 - index) * 256 + byte]
        }
        return result
    }
}
