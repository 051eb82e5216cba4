/// The CRC-32 of ISO 3309, which FINGERPRINT carries (RFC 8489 §14.7).
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }

    package static func checksum(of bytes: RawSpan) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for offset in bytes.byteOffsets {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8
        }
        return ~value
    }
}
