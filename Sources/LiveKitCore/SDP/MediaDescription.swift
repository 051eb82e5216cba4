/// One `m=` section of a session description (RFC 8866 §5.14).
public struct MediaDescription: Hashable, Sendable {
    /// `audio`, `video`, `application`, ...
    public var media: String
    /// The port: 0 refuses the section, 9 says that ICE will tell.
    public var port: UInt16
    /// How many ports follow each other, when more than one is written.
    public var portCount: UInt16?
    /// The transport protocol, such as `UDP/TLS/RTP/SAVPF`.
    public var transportProtocol: String
    /// The formats: RTP payload types, or what the protocol says.
    public var formats: [String]
    /// `i=`.
    public var title: String?
    /// `c=`, any number.
    public var connections: [ConnectionData] = []
    /// `b=`, any number.
    public var bandwidths: [Bandwidth] = []
    /// `k=`, obsolete.
    public var encryptionKey: String?
    /// The section's `a=` lines.
    public var attributes: SDPAttributes

    /// A section.
    public init(
        media: String, port: UInt16 = 9, transportProtocol: String, formats: [String], attributes: SDPAttributes = []
    ) {
        self.media = media
        self.port = port
        self.transportProtocol = transportProtocol
        self.formats = formats
        self.attributes = attributes
    }
}
