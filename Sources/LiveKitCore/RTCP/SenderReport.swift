/// A sender's clock and counters, and what it receives itself.
///
/// - SeeAlso: [RFC 3550 §6.4.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
public struct SenderReport: Hashable, Sendable {
    /// Who sends.
    public var sender: SSRC
    /// When the report was made, on the sender's wall clock.
    public var timestamp: NTPTimestamp
    /// The same instant in units of the stream's clock.
    public var rtpTimestamp: UInt32
    /// Packets sent since the start.
    public var packetCount: UInt32
    /// Payload octets sent since the start.
    public var octetCount: UInt32
    /// What the sender receives; at most 31 are written.
    public var reports: [ReportBlock]

    /// Creates a report.
    public init(
        sender: SSRC, timestamp: NTPTimestamp, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32,
        reports: [ReportBlock] = []
    ) {
        self.sender = sender
        self.timestamp = timestamp
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
        self.reports = reports
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.senderReport)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        timestamp = NTPTimestamp(rawValue: try body.read())
        rtpTimestamp = try body.read()
        packetCount = try body.read()
        octetCount = try body.read()
        reports = try ReportBlock.parse(count: header.count, from: &body)
    }

    package func write(to writer: inout ByteWriter) {
        let blocks = reports.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(type: RTCPPacketType.senderReport, count: blocks.count) { writer in
            writer.write(sender.rawValue)
            writer.write(timestamp.rawValue)
            writer.write(rtpTimestamp)
            writer.write(packetCount)
            writer.write(octetCount)
            for block in blocks { block.write(to: &writer) }
        }
    }
}
