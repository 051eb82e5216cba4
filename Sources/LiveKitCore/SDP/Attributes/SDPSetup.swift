/// `setup` (RFC 4145 §4, RFC 8842 §5): who opens the DTLS connection.
public enum SDPSetup: String, Hashable, Sendable, SDPAttributeValue {
    /// The DTLS client.
    case active
    /// The DTLS server.
    case passive
    /// Either; only in an offer.
    case actpass
    /// Nobody for now.
    case holdconn

    /// The attribute's name.
    public static let attributeName = "setup"

    /// Reads the role.
    public init?(attributeValue: String) {
        self.init(rawValue: String(Substring(attributeValue).trimmed()))
    }

    /// The value as text.
    public var attributeValue: String { rawValue }
}

extension SDPAttributes {
    /// `setup`.
    public var setup: SDPSetup? {
        get { first() }
        set { set("setup", newValue?.attributeValue) }
    }
}
