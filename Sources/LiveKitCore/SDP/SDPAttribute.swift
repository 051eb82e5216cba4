/// One `a=` line (RFC 8866 §5.13): a flag, or a name with a value.
public struct SDPAttribute: Hashable, Sendable, CustomStringConvertible {
    /// What stands before the colon.
    public var name: String
    /// What stands behind it; `nil` for a flag.
    public var value: String?

    /// A flag, or an attribute with a value.
    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    /// The line without `a=`.
    public var description: String {
        guard let value else { return name }
        return "\(name):\(value)"
    }
}

/// What the value of an attribute means: implemented by the attributes that WebRTC uses, each in a file of its own.
public protocol SDPAttributeValue: Sendable {
    /// The attribute's name.
    static var attributeName: String { get }
    /// Reads the value; `nil` when it is none of this kind.
    init?(attributeValue: String)
    /// The value as text.
    var attributeValue: String { get }
}
