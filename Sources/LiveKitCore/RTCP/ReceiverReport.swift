/// What a receiver that sends nothing tells about the streams that it receives.
///
/// - SeeAlso: [RFC 3550 §6.4.2](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.2).
public struct ReceiverReport: Hashable, Sendable {
    /// Who reports.
    public var sender: SSRC
    /// One block for each stream; at most 31 are written.
    public var reports: [ReportBlock]

    /// Creates a report.
    public init(sender: SSRC, reports: [ReportBlock] = []) {
        self.sender = sender
        self.reports = reports
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.receiverReport)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        reports = try ReportBlock.parse(count: header.count, from: &body)
    }

    package func write(to writer: inout ByteWriter) {
        let blocks = reports.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(type: RTCPPacketType.receiverReport, count: blocks.count) { writer in
            writer.write(sender.rawValue)
            for block in blocks { block.write(to: &writer) }
        }
    }
}
