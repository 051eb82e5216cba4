internal import LiveKitCore

/// What makes two codecs the same whatever their payload types: the name and those parameters that no
/// answerer may change.
struct CodecIdentity: Hashable, Sendable {
    let name: String
    let clockRate: UInt32
    let channels: UInt8
    /// H.264: profile and packetization mode (RFC 6184 §8.2.2); VP9, AV1, H.265: profile.
    let profile: String

    init(_ codec: RTPCodec) {
        name = codec.name.lowercased()
        clockRate = codec.clockRate
        channels = codec.channels
        let parameters = codec.formatParameters
        profile =
            switch name {
            case "h264":
                "\(H264Profile(levelID: parameters["profile-level-id"])) \(parameters["packetization-mode"] ?? "0")"
            case "vp9": parameters["profile-id"] ?? "0"
            case "av1": parameters["profile"] ?? "0"
            case "h265": parameters["profile-id"] ?? "1"
            default: ""
            }
    }

    /// The retransmissions of another payload type.
    init(retransmissionsOf payloadType: UInt8, clockRate: UInt32) {
        name = "rtx"
        self.clockRate = clockRate
        channels = 1
        profile = String(payloadType)
    }
}

/// The profile that a `profile-level-id` means (RFC 6184 §8.1, table 5); its level does not matter for a match.
enum H264Profile: Hashable, Sendable {
    case constrainedBaseline
    case baseline
    case main
    case constrainedHigh
    case high
    case other(UInt32)

    init(levelID: String?) {
        // Without one, libwebrtc means constrained baseline, level 3.1.
        guard let number = UInt32(levelID ?? "42e01f", radix: 16) else {
            self = .other(.max)
            return
        }
        let constraints = UInt8(truncatingIfNeeded: number >> 8)
        switch (number >> 16, constraints) {
        case (0x42, let bits) where bits & 0x4F == 0x40: self = .constrainedBaseline
        case (0x42, let bits) where bits & 0x4F == 0x00: self = .baseline
        case (0x4D, let bits) where bits & 0x8F == 0x80: self = .constrainedBaseline
        case (0x4D, let bits) where bits & 0xAF == 0x00: self = .main
        case (0x58, let bits) where bits & 0xCF == 0xC0: self = .constrainedBaseline
        case (0x58, let bits) where bits & 0xCF == 0x80: self = .baseline
        case (0x64, 0x0C): self = .constrainedHigh
        case (0x64, 0x00): self = .high
        default: self = .other(number >> 8)
        }
    }
}
