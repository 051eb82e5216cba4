/// `extmap` (RFC 8285 §5): the id of an RTP header extension.
public struct SDPExtensionMap: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "extmap"

    /// 1...14 fits the one-byte form, up to 255 the two-byte form; 4096 and above are placeholders.
    public var id: UInt16
    /// When the extension goes in one direction only.
    public var direction: MediaDirection?
    /// What the extension is.
    public var uri: String
    /// What the extension itself wants to say, as text.
    public var extensionAttributes: String?

    /// A mapping.
    public init(id: UInt16, uri: String, direction: MediaDirection? = nil, extensionAttributes: String? = nil) {
        self.id = id
        self.uri = uri
        self.direction = direction
        self.extensionAttributes = extensionAttributes
    }

    /// Reads `1/sendonly urn:... attributes`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard fields.count >= 2 else { return nil }
        let (id, direction) = fields[0].cut(at: "/")
        guard let id = UInt16(id), id > 0 else { return nil }
        self.init(id: id, uri: String(fields[1]))
        if let direction {
            guard let direction = MediaDirection(rawValue: String(direction)) else { return nil }
            self.direction = direction
        }
        extensionAttributes = fields.count > 2 ? fields[2...].joined(separator: " ") : nil
    }

    /// The value as text.
    public var attributeValue: String {
        let head = direction.map { "\(id)/\($0.rawValue) \(uri)" } ?? "\(id) \(uri)"
        guard let extensionAttributes else { return head }
        return "\(head) \(extensionAttributes)"
    }
}

extension SDPAttributes {
    /// All `extmap`s.
    public var extensionMaps: [SDPExtensionMap] { all() }

    /// `extmap-allow-mixed` (RFC 8285 §6): one- and two-byte forms may alternate in a stream.
    public var allowsMixedExtensions: Bool {
        get { contains("extmap-allow-mixed") }
        set { setFlag("extmap-allow-mixed", newValue) }
    }
}
