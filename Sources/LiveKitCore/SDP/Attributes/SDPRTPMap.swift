/// `rtpmap` (RFC 8866 §6.6): the codec behind a payload type.
public struct SDPRTPMap: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "rtpmap"

    /// 0...127.
    public var payloadType: UInt8
    /// The codec's name; compared without regard to case.
    public var encodingName: String
    /// In hertz.
    public var clockRate: UInt32
    /// The channels of audio, when written.
    public var channels: UInt8?

    /// A mapping.
    public init(payloadType: UInt8, encodingName: String, clockRate: UInt32, channels: UInt8? = nil) {
        self.payloadType = payloadType
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
    }

    /// Reads `111 opus/48000/2`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard fields.count == 2, let payloadType = UInt8(fields[0]), payloadType < 128 else { return nil }
        let parts = fields[1].parts(separator: "/")
        guard parts.count >= 2, let clockRate = UInt32(parts[1]) else { return nil }
        self.init(
            payloadType: payloadType, encodingName: String(parts[0]), clockRate: clockRate,
            channels: parts.dropFirst(2).first.flatMap { UInt8($0) })
    }

    /// The value as text.
    public var attributeValue: String {
        let text = "\(payloadType) \(encodingName)/\(clockRate)"
        guard let channels else { return text }
        return "\(text)/\(channels)"
    }
}

extension SDPAttributes {
    /// All `rtpmap`s.
    public var rtpMaps: [SDPRTPMap] { all() }
}
