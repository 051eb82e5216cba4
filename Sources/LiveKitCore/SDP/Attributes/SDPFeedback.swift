/// `rtcp-fb` (RFC 4585 §4.2): an RTCP feedback message that a payload type may be answered with.
public struct SDPFeedback: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "rtcp-fb"

    /// The payload type; `nil` for `*`, all of them.
    public var payloadType: UInt8?
    /// The message, such as `nack pli`, with single spaces.
    public var message: String

    /// A feedback message.
    public init(payloadType: UInt8?, message: String) {
        self.payloadType = payloadType
        self.message = message
    }

    /// Reads `96 nack pli`.
    public init?(attributeValue: String) {
        let fields = Substring(attributeValue).fields()
        guard fields.count >= 2 else { return nil }
        let payloadType = UInt8(fields[0])
        guard payloadType != nil || fields[0] == "*" else { return nil }
        self.init(payloadType: payloadType, message: fields[1...].joined(separator: " "))
    }

    /// The value as text.
    public var attributeValue: String { "\(payloadType.map { String($0) } ?? "*") \(message)" }
}

extension SDPAttributes {
    /// All `rtcp-fb`s.
    public var feedback: [SDPFeedback] { all() }
}
