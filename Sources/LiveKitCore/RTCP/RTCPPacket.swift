/// One RTCP packet of any kind.
public enum RTCPPacket: Hashable, Sendable {
    /// A sender report (SR).
    case senderReport(SenderReport)
    /// A receiver report (RR).
    case receiverReport(ReceiverReport)
    /// A source description (SDES).
    case sourceDescription(SourceDescription)
    /// A farewell (BYE).
    case goodbye(Goodbye)
    /// A request for packets (NACK).
    case genericNACK(GenericNACK)
    /// Transport-wide congestion feedback.
    case transportFeedback(TransportFeedback)
    /// A request for a key frame (PLI).
    case pictureLossIndication(PictureLossIndication)
    /// A command for a key frame (FIR).
    case fullIntraRequest(FullIntraRequest)
    /// A bandwidth estimate (REMB).
    case receiverEstimatedMaximumBitrate(ReceiverEstimatedMaximumBitrate)
    /// An extended report (XR).
    case extendedReport(ExtendedReport)
    /// Anything else.
    case unknown(UnknownRTCPPacket)

    /// Reads the packet that `bytes` start with.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader)
        switch (header.packetType, header.count) {
        case (RTCPPacketType.senderReport, _): self = .senderReport(try SenderReport(parsing: bytes))
        case (RTCPPacketType.receiverReport, _): self = .receiverReport(try ReceiverReport(parsing: bytes))
        case (RTCPPacketType.sourceDescription, _): self = .sourceDescription(try SourceDescription(parsing: bytes))
        case (RTCPPacketType.goodbye, _): self = .goodbye(try Goodbye(parsing: bytes))
        case (RTCPPacketType.transportFeedback, GenericNACK.format):
            self = .genericNACK(try GenericNACK(parsing: bytes))
        case (RTCPPacketType.transportFeedback, TransportFeedback.format):
            self = .transportFeedback(try TransportFeedback(parsing: bytes))
        case (RTCPPacketType.payloadFeedback, PictureLossIndication.format):
            self = .pictureLossIndication(try PictureLossIndication(parsing: bytes))
        case (RTCPPacketType.payloadFeedback, FullIntraRequest.format):
            self = .fullIntraRequest(try FullIntraRequest(parsing: bytes))
        case (RTCPPacketType.payloadFeedback, ReceiverEstimatedMaximumBitrate.format)
        where bytes.networkInteger(at: 12) == ReceiverEstimatedMaximumBitrate.identifier:
            self = .receiverEstimatedMaximumBitrate(try ReceiverEstimatedMaximumBitrate(parsing: bytes))
        case (RTCPPacketType.extendedReport, _): self = .extendedReport(try ExtendedReport(parsing: bytes))
        default: self = .unknown(try UnknownRTCPPacket(parsing: bytes))
        }
    }

    package func write(to writer: inout ByteWriter) {
        switch self {
        case .senderReport(let packet): packet.write(to: &writer)
        case .receiverReport(let packet): packet.write(to: &writer)
        case .sourceDescription(let packet): packet.write(to: &writer)
        case .goodbye(let packet): packet.write(to: &writer)
        case .genericNACK(let packet): packet.write(to: &writer)
        case .transportFeedback(let packet): packet.write(to: &writer)
        case .pictureLossIndication(let packet): packet.write(to: &writer)
        case .fullIntraRequest(let packet): packet.write(to: &writer)
        case .receiverEstimatedMaximumBitrate(let packet): packet.write(to: &writer)
        case .extendedReport(let packet): packet.write(to: &writer)
        case .unknown(let packet): packet.write(to: &writer)
        }
    }

    /// The packet's bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        write(to: &writer)
        return writer.bytes
    }
}
