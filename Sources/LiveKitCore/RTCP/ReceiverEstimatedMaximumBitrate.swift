/// What a receiver believes that its path carries for all of a sender's streams together (REMB).
///
/// - SeeAlso: draft-alvestrand-rmcat-remb-03 §2.2.
public struct ReceiverEstimatedMaximumBitrate: Hashable, Sendable {
    static let format: UInt8 = 15
    /// "REMB".
    static let identifier: UInt32 = 0x5245_4D42

    /// Who estimates.
    public var sender: SSRC
    /// The estimate in bits each second; written with 18 significant bits.
    public var bitrate: UInt64
    /// The streams that share the estimate; at most 255 are written.
    public var streams: [SSRC]

    /// Creates an estimate.
    public init(sender: SSRC, bitrate: UInt64, streams: [SSRC]) {
        self.sender = sender
        self.bitrate = bitrate
        self.streams = streams
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.payloadFeedback, count: Self.format)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        try body.skip(4)
        guard try body.read(UInt32.self) == Self.identifier else { throw .invalid(.identifier) }
        let count: UInt8 = try body.read()
        let packed = try body.readUInt24()
        let mantissa = UInt64(packed & 0x3_FFFF)
        let exponent = Int(packed >> 18)
        guard mantissa == 0 || exponent <= mantissa.leadingZeroBitCount else { throw .invalid(.bitrate) }
        bitrate = mantissa << UInt64(exponent)
        guard body.remaining >= Int(count) * 4 else { throw .invalid(.count) }
        streams = []
        for _ in 0..<count { streams.append(SSRC(rawValue: try body.read())) }
    }

    package func write(to writer: inout ByteWriter) {
        let written = streams.prefix(255)
        let exponent = max(0, 64 - bitrate.leadingZeroBitCount - 18)
        let mantissa = UInt32(truncatingIfNeeded: bitrate >> UInt64(exponent))
        writer.writeRTCP(type: RTCPPacketType.payloadFeedback, count: Int(Self.format)) { writer in
            writer.write(sender.rawValue)
            writer.write(UInt32(0))
            writer.write(Self.identifier)
            writer.write(UInt8(truncatingIfNeeded: written.count))
            writer.writeUInt24(UInt32(truncatingIfNeeded: exponent) << 18 | mantissa)
            for stream in written { writer.write(stream.rawValue) }
        }
    }
}

extension WireError.Field {
    /// A bitrate beyond 64 bits.
    public static let bitrate = Self("bitrate")
}
