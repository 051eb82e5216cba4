/// Reports beyond the basic ones: here those from which a receiver that sends nothing learns its round trip.
///
/// - SeeAlso: [RFC 3611 §4.4, §4.5](https://www.rfc-editor.org/rfc/rfc3611#section-4.4).
public struct ExtendedReport: Hashable, Sendable {
    /// How long ago one receiver's reference time came.
    public struct ReceiverDelay: Hashable, Sendable {
        /// The receiver.
        public var ssrc: SSRC
        /// The middle bits of its last reference time, zero for none.
        public var lastReceiverReport: UInt32
        /// How long ago that came, in 1/65536 s.
        public var delay: UInt32

        /// Creates a sub-block.
        public init(ssrc: SSRC, lastReceiverReport: UInt32, delay: UInt32) {
            self.ssrc = ssrc
            self.lastReceiverReport = lastReceiverReport
            self.delay = delay
        }
    }

    /// One report block.
    public enum Block: Hashable, Sendable {
        /// The receiver's wall clock (RRTR, block type 4).
        case receiverReferenceTime(NTPTimestamp)
        /// The answer to such clocks (DLRR, block type 5).
        case receiverDelays([ReceiverDelay])
    }

    private static let referenceTimeType: UInt8 = 4
    private static let delaysType: UInt8 = 5
    /// What one DLRR block's length field holds: 65535 words, three for each.
    private static let maximumDelays = 21_845

    /// Who reports.
    public var sender: SSRC
    /// The blocks; those of other types are skipped.
    public var blocks: [Block]

    /// Creates a report.
    public init(sender: SSRC, blocks: [Block]) {
        self.sender = sender
        self.blocks = blocks
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.extendedReport)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        blocks = []
        while body.remaining >= 4 {
            let type: UInt8 = try body.read()
            try body.skip(1)
            let size = Int(try body.read(UInt16.self)) * 4
            var block = try body.split(size)
            switch type {
            case Self.referenceTimeType:
                blocks.append(.receiverReferenceTime(NTPTimestamp(rawValue: try block.read())))
            case Self.delaysType:
                var delays: [ReceiverDelay] = []
                while block.remaining >= 12 {
                    delays.append(
                        ReceiverDelay(
                            ssrc: SSRC(rawValue: try block.read()), lastReceiverReport: try block.read(),
                            delay: try block.read()))
                }
                blocks.append(.receiverDelays(delays))
            default:
                continue
            }
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: RTCPPacketType.extendedReport, count: 0) { writer in
            writer.write(sender.rawValue)
            for block in blocks { Self.write(block, to: &writer) }
        }
    }

    private static func write(_ block: Block, to writer: inout ByteWriter) {
        switch block {
        case .receiverReferenceTime(let timestamp):
            writer.write(UInt16(referenceTimeType) << 8)
            writer.write(UInt16(2))
            writer.write(timestamp.rawValue)
        case .receiverDelays(let delays):
            let written = delays.prefix(maximumDelays)
            writer.write(UInt16(delaysType) << 8)
            writer.write(UInt16(truncatingIfNeeded: written.count * 3))
            for delay in written {
                writer.write(delay.ssrc.rawValue)
                writer.write(delay.lastReceiverReport)
                writer.write(delay.delay)
            }
        }
    }
}
