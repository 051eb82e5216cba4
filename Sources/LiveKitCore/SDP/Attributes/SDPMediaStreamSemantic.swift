/// `msid-semantic` (RFC 8830's drafts): what the stream ids mean. Only `WMS` is in use.
public struct SDPMediaStreamSemantic: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "msid-semantic"

    /// The meaning, `WMS`.
    public var semantic: String
    /// The streams; `*` for all.
    public var streams: [String]

    /// A meaning for some streams.
    public init(semantic: String = "WMS", streams: [String] = []) {
        self.semantic = semantic
        self.streams = streams
    }

    /// Reads `WMS *`; browsers write a space before it.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard let semantic = fields.first else { return nil }
        self.init(semantic: String(semantic), streams: fields.dropFirst().map(String.init))
    }

    /// The value as text.
    public var attributeValue: String { ([semantic] + streams).joined(separator: " ") }
}

extension SDPAttributes {
    /// `msid-semantic`.
    public var mediaStreamSemantic: SDPMediaStreamSemantic? { first() }
}
