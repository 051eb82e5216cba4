/// `group` (RFC 5888 §5): sections that belong together.
public struct SDPGroup: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "group"

    /// `BUNDLE` (RFC 9143), `LS`, ...
    public var semantics: String
    /// The sections' names.
    public var mids: [String]

    /// A group.
    public init(semantics: String, mids: [String]) {
        self.semantics = semantics
        self.mids = mids
    }

    /// Reads `BUNDLE 0 1`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard let semantics = fields.first else { return nil }
        self.init(semantics: String(semantics), mids: fields.dropFirst().map(String.init))
    }

    /// The value as text.
    public var attributeValue: String { ([semantics] + mids).joined(separator: " ") }
}

extension SDPAttributes {
    /// All `group`s.
    public var groups: [SDPGroup] { all() }

    /// The groups whose sections share one transport.
    public var bundleGroups: [SDPGroup] { groups.filter { $0.semantics == "BUNDLE" } }
}
