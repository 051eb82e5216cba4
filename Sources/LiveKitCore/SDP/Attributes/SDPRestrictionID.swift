/// `rid` (RFC 8851 §4): the name of one encoding of a section's media.
public struct SDPRestrictionID: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "rid"

    /// Which way the encoding goes, as the description's author sees it.
    public enum Direction: String, Hashable, Sendable {
        /// The author sends it.
        case send
        /// The author receives it.
        case receive = "recv"
    }

    /// The name.
    public var id: String
    /// Which way it goes.
    public var direction: Direction
    /// `pt=96;max-width=1280`, as text.
    public var restrictions: String?

    /// A name.
    public init(id: String, direction: Direction, restrictions: String? = nil) {
        self.id = id
        self.direction = direction
        self.restrictions = restrictions
    }

    /// Reads `q send max-width=320`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard fields.count >= 2, let direction = Direction(rawValue: String(fields[1])) else { return nil }
        self.init(
            id: String(fields[0]), direction: direction,
            restrictions: fields.count > 2 ? fields[2...].joined(separator: " ") : nil)
    }

    /// The value as text.
    public var attributeValue: String {
        let head = "\(id) \(direction.rawValue)"
        guard let restrictions else { return head }
        return "\(head) \(restrictions)"
    }
}

extension SDPAttributes {
    /// All `rid`s.
    public var restrictionIDs: [SDPRestrictionID] { all() }
}
