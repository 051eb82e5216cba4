package import LiveKitCore

/// A codec under a payload type: what we could take, or what both sides agreed on.
package struct RTPCodec: Hashable, Sendable {
    /// The payload type: agreed, or the one we would choose.
    package var payloadType: UInt8
    /// The encoding's name: `opus`, `VP8`, `red`.
    package var name: String
    package var clockRate: UInt32
    package var channels: UInt8
    package var formatParameters: FormatParameters
    /// RTCP feedback messages: `nack`, `nack pli`, `transport-cc`.
    package var feedback: [String]
    /// The payload type of its retransmissions (RFC 4588).
    package var rtxPayloadType: UInt8?

    package init(
        payloadType: UInt8, name: String, clockRate: UInt32, channels: UInt8 = 1,
        formatParameters: FormatParameters = FormatParameters(), feedback: [String] = [], rtxPayloadType: UInt8? = nil
    ) {
        self.payloadType = payloadType
        self.name = name
        self.clockRate = clockRate
        self.channels = channels
        self.formatParameters = formatParameters
        self.feedback = feedback
        self.rtxPayloadType = rtxPayloadType
    }

    /// Whether this is redundant audio (RFC 2198), which wraps another codec and is none itself.
    package var isRED: Bool { name.lowercased() == "red" }
    /// Whether these are the repair packets of other codecs' packets.
    package var isFlexFEC: Bool { name.lowercased() == Self.flexFECName }
    /// Whether it carries media of its own.
    package var isMedia: Bool { !isRED && !isFlexFEC }

    static let flexFECName = "flexfec-03"
}

/// A codec that we could take, with the payload type that we would offer it under.
package typealias CodecCapability = RTPCodec
/// A codec that both sides agreed on.
package typealias NegotiatedCodec = RTPCodec
