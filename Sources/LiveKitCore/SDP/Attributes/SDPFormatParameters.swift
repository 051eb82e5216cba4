/// The parameters of a format: what stands in `fmtp` behind the payload type, in its order.
public struct FormatParameters: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// One parameter. RED's list `111/111` and other texts of their own form are names without a value.
    public struct Entry: Hashable, Sendable {
        /// The parameter's name.
        public var name: String
        /// Its value, when it has one.
        public var value: String?

        /// A parameter.
        public init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters.
    public var entries: [Entry]

    /// Reads `minptime=10;useinbandfec=1`.
    public init(_ text: String = "") {
        entries = Substring(text).parts(separator: ";").compactMap { part in
            let (name, value) = part.trimmed().cut(at: "=")
            guard !name.isEmpty else { return nil }
            return Entry(name: String(name.trimmed()), value: value.map { String($0.trimmed()) })
        }
    }

    /// Reads `minptime=10;useinbandfec=1`.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// A parameter's value by its name, without regard to case. Setting `nil` removes it.
    public subscript(name: String) -> String? {
        get { entries.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            let index = entries.firstIndex { $0.name.lowercased() == name.lowercased() }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Whether there are none.
    public var isEmpty: Bool { entries.isEmpty }

    /// The parameters as text.
    public var description: String {
        entries.map { entry in entry.value.map { "\(entry.name)=\($0)" } ?? entry.name }.joined(separator: ";")
    }
}

/// `fmtp` (RFC 8866 §6.15): the parameters of one format.
public struct SDPFormatParameters: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "fmtp"

    /// The format, in WebRTC a payload type.
    public var format: String
    /// Its parameters.
    public var parameters: FormatParameters

    /// Parameters for a payload type.
    public init(payloadType: UInt8, parameters: FormatParameters) {
        format = String(payloadType)
        self.parameters = parameters
    }

    /// Reads `111 minptime=10;useinbandfec=1`.
    public init?(attributeValue: String) {
        let (format, parameters) = Substring(attributeValue).trimmed().cut(at: " ")
        guard !format.isEmpty, let parameters else { return nil }
        self.format = String(format)
        self.parameters = FormatParameters(String(parameters))
    }

    /// The format as a payload type.
    public var payloadType: UInt8? { UInt8(format) }

    /// The value as text.
    public var attributeValue: String { "\(format) \(parameters)" }
}

extension SDPAttributes {
    /// All `fmtp`s.
    public var formatParameters: [SDPFormatParameters] { all() }
}
