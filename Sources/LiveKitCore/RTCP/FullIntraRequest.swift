/// A command to send a decoder refresh point; a repetition keeps its number, a new command counts up.
///
/// - SeeAlso: [RFC 5104 §4.3.1](https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1).
public struct FullIntraRequest: Hashable, Sendable {
    /// One stream that shall refresh.
    public struct Entry: Hashable, Sendable {
        /// The stream.
        public var ssrc: SSRC
        /// The command's number.
        public var sequenceNumber: UInt8

        /// Creates an entry.
        public init(ssrc: SSRC, sequenceNumber: UInt8) {
            self.ssrc = ssrc
            self.sequenceNumber = sequenceNumber
        }
    }

    static let format: UInt8 = 4

    /// Who asks.
    public var sender: SSRC
    /// The streams that shall refresh.
    public var entries: [Entry]

    /// Creates a command.
    public init(sender: SSRC, entries: [Entry]) {
        self.sender = sender
        self.entries = entries
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.payloadFeedback, count: Self.format)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        try body.skip(4)  // The media source is unused and zero (RFC 5104 §4.3.1.2).
        entries = []
        entries.reserveCapacity(body.remaining / 8)
        while body.remaining >= 8 {
            entries.append(Entry(ssrc: SSRC(rawValue: try body.read()), sequenceNumber: try body.read()))
            try body.skip(3)
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: RTCPPacketType.payloadFeedback, count: Int(Self.format)) { writer in
            writer.write(sender.rawValue)
            writer.write(UInt32(0))
            for entry in entries {
                writer.write(entry.ssrc.rawValue)
                writer.write(entry.sequenceNumber)
                writer.writeUInt24(0)
            }
        }
    }
}
