/// `ssrc` (RFC 5576 §4.1): something about one RTP stream.
public struct SDPSourceAttribute: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "ssrc"

    /// The stream.
    public var ssrc: SSRC
    /// What is said: `cname`, `msid`, ...
    public var attribute: SDPAttribute

    /// An attribute of a stream.
    public init(ssrc: SSRC, _ name: String, _ value: String? = nil) {
        self.ssrc = ssrc
        attribute = SDPAttribute(name, value)
    }

    /// Reads `1234 cname:abc`.
    public init?(attributeValue: String) {
        let (number, rest) = Substring(attributeValue).trimmed().cut(at: " ")
        guard let number = UInt32(number) else { return nil }
        let (name, value) = (rest ?? "").trimmed().cut(at: ":")
        self.init(ssrc: SSRC(rawValue: number), String(name), value.map(String.init))
    }

    /// The value as text.
    public var attributeValue: String { "\(ssrc) \(attribute)" }
}

/// `ssrc-group` (RFC 5576 §4.2): RTP streams that belong together.
public struct SDPSourceGroup: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "ssrc-group"

    /// `FID`: a stream and its retransmissions; `SIM`: the layers of a simulcast; ...
    public var semantics: String
    /// The streams.
    public var ssrcs: [SSRC]

    /// A group.
    public init(semantics: String, ssrcs: [SSRC]) {
        self.semantics = semantics
        self.ssrcs = ssrcs
    }

    /// Reads `FID 1 2`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard let semantics = fields.first else { return nil }
        var ssrcs: [SSRC] = []
        for field in fields.dropFirst() {
            guard let number = UInt32(field) else { return nil }
            ssrcs.append(SSRC(rawValue: number))
        }
        self.init(semantics: String(semantics), ssrcs: ssrcs)
    }

    /// The value as text.
    public var attributeValue: String {
        ([semantics] + ssrcs.map(\.description)).joined(separator: " ")
    }
}

extension SDPAttributes {
    /// All `ssrc` attributes.
    public var sourceAttributes: [SDPSourceAttribute] { all() }

    /// All `ssrc-group`s.
    public var sourceGroups: [SDPSourceGroup] { all() }
}
