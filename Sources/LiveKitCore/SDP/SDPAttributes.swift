/// The attributes of a session or of one of its media, in their order.
///
/// The typed accessors (``rtpMaps``, ``fingerprints``, ...) skip values that they cannot read, because a
/// description from tomorrow must still be understood where it says what it said yesterday.
public struct SDPAttributes: Hashable, Sendable {
    private var list: [SDPAttribute]

    /// No attributes, or the ones given.
    public init(_ attributes: [SDPAttribute] = []) {
        list = attributes
    }

    /// Whether there is an attribute of that name.
    public func contains(_ name: String) -> Bool {
        list.contains { $0.name == name }
    }

    /// The value of the first attribute of that name; `nil` for a flag and for an absent one.
    public subscript(name: String) -> String? {
        list.first { $0.name == name }?.value
    }

    /// The values of all attributes of that name.
    public func values(of name: String) -> [String] {
        list.compactMap { $0.name == name ? $0.value : nil }
    }

    /// All attributes of a kind that can be read, in order.
    public func all<Value: SDPAttributeValue>(_ type: Value.Type = Value.self) -> [Value] {
        list.compactMap { attribute in
            guard attribute.name == Value.attributeName, let value = attribute.value else { return nil }
            return Value(attributeValue: value)
        }
    }

    /// The first attribute of a kind that can be read.
    public func first<Value: SDPAttributeValue>(_ type: Value.Type = Value.self) -> Value? {
        for attribute in list where attribute.name == Value.attributeName {
            if let text = attribute.value, let value = Value(attributeValue: text) { return value }
        }
        return nil
    }

    /// Adds a flag or an attribute with a value.
    public mutating func append(_ name: String, _ value: String? = nil) {
        list.append(SDPAttribute(name, value))
    }

    /// Adds an attribute.
    public mutating func append(_ value: some SDPAttributeValue) {
        list.append(SDPAttribute(type(of: value).attributeName, value.attributeValue))
    }

    /// Adds an attribute as it stands.
    public mutating func append(_ attribute: SDPAttribute) {
        list.append(attribute)
    }

    /// Removes every attribute of that name.
    public mutating func removeAll(named name: String) {
        list.removeAll { $0.name == name }
    }

    /// Sets or clears a flag.
    mutating func setFlag(_ name: String, _ isSet: Bool) {
        removeAll(named: name)
        if isSet { append(name) }
    }

    /// Puts one attribute of that name in the place of all there are.
    mutating func set(_ name: String, _ value: String?) {
        removeAll(named: name)
        if let value { append(name, value) }
    }
}

extension SDPAttributes: RandomAccessCollection {
    /// The first attribute's position.
    public var startIndex: Int { list.startIndex }
    /// The position behind the last attribute.
    public var endIndex: Int { list.endIndex }
    /// The attribute at a position.
    public subscript(position: Int) -> SDPAttribute { list[position] }
}

extension SDPAttributes: ExpressibleByArrayLiteral {
    /// The attributes listed.
    public init(arrayLiteral elements: SDPAttribute...) {
        self.init(elements)
    }
}
