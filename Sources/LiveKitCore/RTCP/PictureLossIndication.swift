/// A receiver cannot decode and asks for a key frame.
///
/// - SeeAlso: [RFC 4585 §6.3.1](https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1).
public struct PictureLossIndication: Hashable, Sendable {
    static let format: UInt8 = 1

    /// Who asks.
    public var sender: SSRC
    /// Whose picture is lost.
    public var media: SSRC

    /// Creates a request.
    public init(sender: SSRC, media: SSRC) {
        self.sender = sender
        self.media = media
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.payloadFeedback, count: Self.format)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        media = SSRC(rawValue: try body.read())
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: RTCPPacketType.payloadFeedback, count: Int(Self.format)) { writer in
            writer.write(sender.rawValue)
            writer.write(media.rawValue)
        }
    }
}
