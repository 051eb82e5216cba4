/// What the first bytes of an Opus packet say about its duration, without decoding it.
///
/// ```
///  0 1 2 3 4 5 6 7
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// | config  |s| c | (count, c = 3)
/// ```
///
/// - SeeAlso: [RFC 6716 §3.1](https://www.rfc-editor.org/rfc/rfc6716#section-3.1).
package struct OpusPacketHeader: Hashable, Sendable {
    /// The sample frames of the whole packet at 48 kHz, 120...5760.
    package let frameCount: Int
    /// Whether the sound was coded with two channels.
    package let isStereo: Bool

    /// Reads the header; `nil` if it breaks a rule of RFC 6716 §3.4.
    package init?(_ packet: [UInt8]) {
        guard let first = packet.first else { return nil }
        isStereo = first & 4 != 0
        let configuration = Int(first >> 3)
        let frame =
            switch configuration {
            case 0..<12: [480, 960, 1920, 2880][configuration & 3]
            case 12..<16: [480, 960][configuration & 1]
            default: [120, 240, 480, 960][configuration & 3]
            }
        let frames: Int
        switch first & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard packet.count > 1 else { return nil }
            frames = Int(packet[1] & 0x3F)
        }
        guard frames > 0, frames * frame <= 5760 else { return nil }
        frameCount = frames * frame
    }
}
