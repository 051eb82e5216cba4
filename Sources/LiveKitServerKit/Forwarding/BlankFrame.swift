internal import LiveKitCore

/// Frames that nobody published, with which a track ends at its subscribers: silence after sound, so that the noise of
/// the last packet is not filled up for ever, and a black picture, so that the section's next track does not begin with
/// this one's last.
///
/// The frames go on where the track's own numbers stopped. They are not sent again when they are lost: there are several.
enum BlankFrame {
    case silence, picture

    /// The one that decoders of the codec take; `nil` for those that none is known of.
    init?(codec: String) {
        switch codec.lowercased() {
        case "opus": self = .silence
        case "vp8": self = .picture
        default: return nil
        }
    }

    /// Whole frames. Opus: 20 ms of fullband CELT without anything (RFC 6716 §3.1). VP8: a key frame of 16 by 16 black
    /// pixels (RFC 6386 §9.1).
    var payload: [UInt8] {
        switch self {
        case .silence: Self.stillness
        case .picture: Self.black
        }
    }

    private static let stillness: [UInt8] = [0xF8, 0xFF, 0xFE]
    private static let black: [UInt8] = [
        0x70, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x10, 0x00, 0x10, 0x00, 0x39, 0x05, 0x00, 0x01, 0x1C, 0x24, 0x0C, 0x2C,
        0x2C, 0x44, 0xCC, 0x24, 0x40, 0x10, 0x00, 0x00, 0x60, 0x6A, 0xC0, 0xFE, 0xFF, 0xAB, 0x50, 0x80,
    ]

    /// How long one lasts.
    var duration: MediaDuration {
        switch self {
        case .silence: .milliseconds(20)
        case .picture: .milliseconds(33)
        }
    }

    /// How many follow a track that ends: 0.2 s of them, as with LiveKit.
    var closingCount: Int {
        switch self {
        case .silence: 10
        case .picture: 6
        }
    }

    /// How many follow a track that is muted: a second of silence, as with LiveKit. Pictures simply stop.
    var mutingCount: Int {
        switch self {
        case .silence: 50
        case .picture: 0
        }
    }
}
