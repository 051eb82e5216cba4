/// Sources that have stopped.
///
/// - SeeAlso: [RFC 3550 §6.6](https://www.rfc-editor.org/rfc/rfc3550#section-6.6).
public struct Goodbye: Hashable, Sendable {
    /// The sources; at most 31 are written.
    public var sources: [SSRC]
    /// Why, if told; at most 255 bytes of UTF-8 are written.
    public var reason: String?

    /// Creates a farewell.
    public init(sources: [SSRC], reason: String? = nil) {
        self.sources = sources
        self.reason = reason
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.goodbye)
        var body = try reader.split(header.bodySize)
        guard body.remaining >= Int(header.count) * 4 else { throw .invalid(.count) }
        sources = []
        for _ in 0..<header.count { sources.append(SSRC(rawValue: try body.read())) }
        guard !body.isAtEnd else { return }
        let size = Int(try body.read(UInt8.self))
        reason = try body.readString(size)
    }

    package func write(to writer: inout ByteWriter) {
        let written = sources.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(type: RTCPPacketType.goodbye, count: written.count) { writer in
            for source in written { writer.write(source.rawValue) }
            guard let text = reason?.utf8.prefix(255) else { return }
            writer.write(UInt8(truncatingIfNeeded: text.count))
            writer.write(bytes: text)
        }
    }
}
