/// `msid` (RFC 8830 §2): the stream and the track that a section's media are.
public struct SDPMediaStreamID: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "msid"

    /// The stream's id, `-` for a track without a stream.
    public var stream: String
    /// The track's id.
    public var track: String?

    /// The ids.
    public init(stream: String, track: String? = nil) {
        self.stream = stream
        self.track = track
    }

    /// Reads `stream track`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard let stream = fields.first else { return nil }
        self.init(stream: String(stream), track: fields.dropFirst().first.map(String.init))
    }

    /// The value as text.
    public var attributeValue: String {
        guard let track else { return stream }
        return "\(stream) \(track)"
    }
}

extension SDPAttributes {
    /// All `msid`s.
    public var mediaStreamIDs: [SDPMediaStreamID] { all() }
}
