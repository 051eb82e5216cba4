/// The keys that protect packets, derived from a master key (RFC 3711 §4.3).
struct SRTPSessionKeys: Hashable {
    var cipherKey: [UInt8]
    /// Empty for the AEAD profiles, which need none.
    var authenticationKey: [UInt8]
    var salt: [UInt8]
}

/// The AES-CM pseudo-random function of RFC 3711 §4.3.3, with a key derivation rate of zero.
enum SRTPKeyDerivation {
    enum Kind { case rtp, rtcp }

    /// RFC 3711 §4.3.2: the labels of encryption, authentication and salting.
    private static func labels(of kind: Kind) -> (cipher: UInt8, authentication: UInt8, salt: UInt8) {
        switch kind {
        case .rtp: (0, 1, 2)
        case .rtcp: (3, 4, 5)
        }
    }

    /// HMAC-SHA1's key, of a digest's size (RFC 3711 §8.2).
    private static let authenticationKeySize = 20

    static func sessionKeys(
        for kind: Kind, profile: SRTPProfile, master: SRTPKeyingMaterial.Master
    ) throws(SRTPError) -> SRTPSessionKeys {
        guard master.key.count == profile.keySize, master.salt.count == profile.saltSize else { throw .invalidKey }
        let generator = try CipherContext(.counterMode, key: master.key)
        let labels = labels(of: kind)
        return SRTPSessionKeys(
            cipherKey: try derive(profile.keySize, label: labels.cipher, salt: master.salt, by: generator),
            authenticationKey: profile.isAEAD
                ? []
                : try derive(authenticationKeySize, label: labels.authentication, salt: master.salt, by: generator),
            salt: try derive(profile.saltSize, label: labels.salt, salt: master.salt, by: generator))
    }

    static func derive(
        _ size: Int, label: UInt8, salt: [UInt8], by generator: borrowing CipherContext
    ) throws(SRTPError) -> [UInt8] {
        // A salt of 96 bits counts as 112 with zeros at its end (RFC 7714 §11). The label stands left of
        // the 48-bit index, which is zero, at the end of those 112 bits.
        var vector = InitializationVector(salt: salt)
        vector.words[1] ^= UInt32(label)
        var stream = [UInt8](repeating: 0, count: size)
        let succeeded = unsafe stream.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return unsafe generator.applyKeystream(vector, from: start, count: size, to: start)
        }
        guard succeeded else { throw .cipherFailed }
        return stream
    }
}
