/// `fingerprint` (RFC 8122 §5): the hash of the certificate that the peer will show.
public struct SDPFingerprint: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "fingerprint"

    /// The hash function in lower case, `sha-256`.
    public var algorithm: String
    /// The hash: pairs of upper-case hexadecimal digits between colons.
    public var value: String

    /// A fingerprint; letters are brought to the case that the RFC wants.
    public init(algorithm: String, value: String) {
        self.algorithm = algorithm.lowercased()
        self.value = value.uppercased()
    }

    /// Reads `sha-256 AB:CD:...`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard fields.count == 2 else { return nil }
        self.init(algorithm: String(fields[0]), value: String(fields[1]))
    }

    /// The value as text.
    public var attributeValue: String { "\(algorithm) \(value)" }
}

extension SDPAttributes {
    /// All `fingerprint`s.
    public var fingerprints: [SDPFingerprint] { all() }
}
