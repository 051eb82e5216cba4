internal import COpenSSL

/// An OpenSSL cipher with its key schedule, made once and used for every packet.
///
/// Only the initialization vector changes between packets: setting a key anew would cost an allocation
/// and more time than the encryption.
@safe
struct CipherContext: ~Copyable {
    enum Mode { case counterMode, galois }

    private let context: OpaquePointer

    init(_ mode: Mode, key: [UInt8]) throws(SRTPError) {
        let cipher: OpaquePointer?
        switch (mode, key.count) {
        case (.counterMode, 16): unsafe cipher = EVP_aes_128_ctr()
        case (.counterMode, 24): unsafe cipher = EVP_aes_192_ctr()
        case (.counterMode, 32): unsafe cipher = EVP_aes_256_ctr()
        case (.galois, 16): unsafe cipher = EVP_aes_128_gcm()
        case (.galois, 32): unsafe cipher = EVP_aes_256_gcm()
        default: throw .invalidKey
        }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .cipherFailed }
        guard unsafe EVP_EncryptInit_ex(context, cipher, nil, key, nil) == 1 else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .cipherFailed
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// XORs the keystream over `count` bytes; source and target may be the same.
    @inline(__always)
    func applyKeystream(
        _ vector: InitializationVector, from source: UnsafeRawPointer, count: Int, to target: UnsafeMutableRawPointer
    ) -> Bool {
        let input = unsafe source.assumingMemoryBound(to: UInt8.self)
        let output = unsafe target.assumingMemoryBound(to: UInt8.self)
        var written: CInt = 0
        return unsafe vector.withBytes { iv in
            unsafe EVP_EncryptInit_ex(context, nil, nil, nil, iv) == 1
                && EVP_EncryptUpdate(context, output, &written, input, CInt(count)) == 1
        }
    }

    /// Encrypts `plaintext` to `target` and appends the sixteen bytes of the tag, which covers `clear` as well.
    ///
    /// `trailer` is authenticated after `clear`: SRTCP's index, which stands behind the tag.
    @inline(__always)
    func seal(
        _ vector: InitializationVector, clear: UnsafeRawBufferPointer, trailer: UInt32? = nil,
        plaintext: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer
    ) -> Bool {
        let output = unsafe target.assumingMemoryBound(to: UInt8.self)
        let count = plaintext.count
        var written: CInt = 0
        guard unsafe vector.withBytes({ iv in unsafe EVP_EncryptInit_ex(context, nil, nil, nil, iv) }) == 1,
            unsafe EVP_EncryptUpdate(
                context, nil, &written, clear.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(clear.count)) == 1
        else { return false }
        if let trailer, !authenticate(trailer) { return false }
        if count > 0, let input = unsafe plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self) {
            guard unsafe EVP_EncryptUpdate(context, output, &written, input, CInt(count)) == 1 else { return false }
        }
        return unsafe EVP_EncryptFinal_ex(context, output + count, &written) == 1
            && lk_EVP_CIPHER_CTX_get_tag(context, 16, output + count) == 1
    }

    private func authenticate(_ word: UInt32) -> Bool {
        var written: CInt = 0
        return unsafe withUnsafeBytes(of: word.bigEndian) { bytes in
            unsafe EVP_EncryptUpdate(
                context, nil, &written, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 4) == 1
        }
    }
}
