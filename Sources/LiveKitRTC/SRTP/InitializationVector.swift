/// The block that makes each packet's encryption unique, as four words in the order of the wire.
///
/// Both families XOR the salt with SSRC and packet index, at different places:
///
/// ```
///        word 0      word 1      word 2      word 3
/// CM     salt        salt^SSRC   salt^ROC    salt^SEQ<<16    RFC 3711 §4.1.1
/// GCM    00 00|SSRC..SSRC|ROC..  ROC|SEQ     (12 bytes)      RFC 7714 §8.1
/// ```
struct InitializationVector {
    var words: SIMD4<UInt32> = .zero

    /// The salt alone, zeros after its end.
    init(salt: [UInt8]) {
        for (index, byte) in salt.prefix(16).enumerated() {
            words[index / 4] |= UInt32(byte) << UInt32(24 - 8 * (index % 4))
        }
    }

    private init(words: SIMD4<UInt32>) {
        self.words = words
    }

    /// Counter mode, for RTP's 48-bit index or RTCP's 31-bit one.
    func counterMode(ssrc: UInt32, index: UInt64) -> InitializationVector {
        InitializationVector(
            words: words
                ^ SIMD4(0, ssrc, UInt32(truncatingIfNeeded: index >> 16), UInt32(truncatingIfNeeded: index << 16)))
    }

    /// GCM, for RTP.
    func galoisRTP(ssrc: UInt32, index: UInt64) -> InitializationVector {
        let rollover = UInt32(truncatingIfNeeded: index >> 16)
        let mixed = SIMD4(ssrc >> 16, ssrc << 16 | rollover >> 16, UInt32(truncatingIfNeeded: index), 0)
        return InitializationVector(words: words ^ mixed)
    }

    /// GCM, for RTCP (RFC 7714 §9.1).
    func galoisRTCP(ssrc: UInt32, index: UInt32) -> InitializationVector {
        InitializationVector(words: words ^ SIMD4(ssrc >> 16, ssrc << 16, index, 0))
    }

    /// Calls `body` with the sixteen bytes as they go into the cipher.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        var wire = SIMD4(words[0].bigEndian, words[1].bigEndian, words[2].bigEndian, words[3].bigEndian)
        return unsafe withUnsafeMutablePointer(to: &wire) { pointer in
            unsafe pointer.withMemoryRebound(to: UInt8.self, capacity: 16) { unsafe body(UnsafePointer($0)) }
        }
    }
}
