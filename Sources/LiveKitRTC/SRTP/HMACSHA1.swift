internal import COpenSSL

/// HMAC-SHA1 (RFC 2104) with the key's two blocks hashed beforehand, so that a packet costs two copies of
/// a hash state instead of two compressions.
struct HMACSHA1 {
    private static let blockSize = 64

    private let inner: SHA_CTX
    private let outer: SHA_CTX

    /// - Precondition: `key` fits a block of the hash, as SRTP's twenty bytes do.
    init(key: [UInt8]) {
        precondition(key.count <= Self.blockSize, "an HMAC key over one block would have to be hashed first")
        let padded = key + [UInt8](repeating: 0, count: Self.blockSize - key.count)
        inner = Self.state(after: padded.map { $0 ^ 0x36 })
        outer = Self.state(after: padded.map { $0 ^ 0x5C })
    }

    private static func state(after block: [UInt8]) -> SHA_CTX {
        var state = SHA_CTX()
        unsafe SHA1_Init(&state)
        unsafe SHA1_Update(&state, block, block.count)
        return state
    }

    /// Writes the first `tagSize` bytes of the code over `message`, and `suffix` behind it, to `target`: SRTP truncates
    /// to 80 bits or to 32 (RFC 3711 §4.2.1, §5.2).
    func authenticate(
        _ message: UnsafeRawBufferPointer, suffix: UInt32? = nil, tagSize: Int, to target: UnsafeMutableRawPointer
    ) {
        var digest: (UInt64, UInt64, UInt32) = (0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &digest) { digest in
            guard let bytes = unsafe digest.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            var state = inner
            unsafe SHA1_Update(&state, message.baseAddress, message.count)
            if let suffix {
                unsafe withUnsafeBytes(of: suffix.bigEndian) { word in
                    _ = unsafe SHA1_Update(&state, word.baseAddress, word.count)
                }
            }
            unsafe SHA1_Final(bytes, &state)
            state = outer
            unsafe SHA1_Update(&state, bytes, 20)
            unsafe SHA1_Final(bytes, &state)
            unsafe target.copyMemory(from: bytes, byteCount: min(tagSize, 20))
        }
    }
}
