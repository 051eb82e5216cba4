/// What a receiver tells about one stream that it receives.
///
/// - SeeAlso: [RFC 3550 §6.4.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
public struct ReportBlock: Hashable, Sendable {
    /// The stream that the block is about.
    public var ssrc: SSRC
    /// The share of packets lost since the report before, in 1/256.
    public var fractionLost: UInt8
    /// Packets lost since the start; negative when duplicates outnumber losses. 24 bits are written.
    public var cumulativeLost: Int32
    /// The highest sequence number, with the count of wraps in the upper half.
    public var highestSequence: UInt32
    /// The interarrival jitter in units of the stream's clock.
    public var jitter: UInt32
    /// The middle bits of the last sender report's NTP timestamp, zero for none.
    public var lastSenderReport: UInt32
    /// How long ago that report came, in 1/65536 s.
    public var delaySinceLastSenderReport: UInt32

    static let size = 24

    /// Creates a block.
    public init(
        ssrc: SSRC, fractionLost: UInt8 = 0, cumulativeLost: Int32 = 0, highestSequence: UInt32 = 0,
        jitter: UInt32 = 0, lastSenderReport: UInt32 = 0, delaySinceLastSenderReport: UInt32 = 0
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        ssrc = SSRC(rawValue: try reader.read())
        fractionLost = try reader.read()
        cumulativeLost = Int32(bitPattern: try reader.readUInt24() << 8) >> 8
        highestSequence = try reader.read()
        jitter = try reader.read()
        lastSenderReport = try reader.read()
        delaySinceLastSenderReport = try reader.read()
    }

    func write(to writer: inout ByteWriter) {
        writer.write(ssrc.rawValue)
        writer.write(fractionLost)
        writer.writeUInt24(UInt32(bitPattern: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF)) & 0xFF_FFFF)
        writer.write(highestSequence)
        writer.write(jitter)
        writer.write(lastSenderReport)
        writer.write(delaySinceLastSenderReport)
    }

    /// Reads `count` blocks; what follows them is a profile's own (RFC 3550 §6.4.3) and left alone.
    static func parse(count: UInt8, from reader: inout ByteReader) throws(WireError) -> [ReportBlock] {
        guard reader.remaining >= Int(count) * size else { throw .invalid(.count) }
        var blocks: [ReportBlock] = []
        blocks.reserveCapacity(Int(count))
        for _ in 0..<count { blocks.append(try ReportBlock(parsing: &reader)) }
        return blocks
    }
}
