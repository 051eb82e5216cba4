package import LiveKitCore

extension WireError.Field {
    /// The hash function of a certificate fingerprint.
    static let fingerprintAlgorithm = Self("fingerprint algorithm")
    /// The digest of a certificate fingerprint.
    static let fingerprintValue = Self("fingerprint value")
}

/// A certificate's digest, by which SDP vouches for a self-signed certificate (RFC 8122 §5).
package struct DTLSFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The hash function, by its name in SDP. SHA-1 is read for old peers' sake; we never offer it.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha1 = "sha-1"
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        /// Bytes of the digest.
        package var size: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    package let algorithm: Algorithm
    package let digest: [UInt8]

    init(algorithm: Algorithm, digest: [UInt8]) {
        self.algorithm = algorithm
        self.digest = digest
    }

    /// Takes the two words of `a=fingerprint`, in either case of letters.
    package init(algorithm name: String, value: String) throws(WireError) {
        guard let algorithm = Algorithm(rawValue: name.lowercased()) else { throw .invalid(.fingerprintAlgorithm) }
        var digest: [UInt8] = []
        for pair in value.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard pair.count == 2, digest.count < algorithm.size, let high = pair.first.flatMap(Self.nibble),
                let low = pair.last.flatMap(Self.nibble)
            else { throw .invalid(.fingerprintValue) }
            digest.append(high << 4 | low)
        }
        guard digest.count == algorithm.size else { throw .invalid(.fingerprintValue) }
        self.init(algorithm: algorithm, digest: digest)
    }

    /// Takes an `a=fingerprint` attribute's value: `sha-256 AB:CD:…`.
    package init(parsing text: String) throws(WireError) {
        let words = text.split(separator: " ")
        guard words.count == 2, let name = words.first, let value = words.last else {
            throw .invalid(.fingerprintValue)
        }
        try self.init(algorithm: String(name), value: String(value))
    }

    /// The digest as SDP writes it: `AB:CD:…`.
    package var value: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(digest.count * 3)
        for byte in digest {
            if !text.isEmpty { text.append(UInt8(ascii: ":")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The `a=fingerprint` attribute's value.
    package var description: String { "\(algorithm.rawValue) \(value)" }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
