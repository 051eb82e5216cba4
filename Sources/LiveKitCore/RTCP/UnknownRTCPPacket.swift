/// An RTCP packet of a kind that is not interpreted, kept as it came.
public struct UnknownRTCPPacket: Hashable, Sendable {
    /// The packet type.
    public var packetType: UInt8
    /// The five bits of the count or feedback format.
    public var count: UInt8
    /// What follows the header, without padding; written up to a whole word.
    public var body: [UInt8]

    /// Creates a packet.
    public init(packetType: UInt8, count: UInt8, body: [UInt8]) {
        self.packetType = packetType
        self.count = count
        self.body = body
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader)
        packetType = header.packetType
        count = header.count
        body = try reader.readBytes(header.bodySize)
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: packetType, count: Int(count)) { $0.write(bytes: body) }
    }
}
