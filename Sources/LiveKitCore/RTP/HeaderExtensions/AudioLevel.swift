/// How loud the audio of one packet is.
///
/// - SeeAlso: [RFC 6464 §3](https://www.rfc-editor.org/rfc/rfc6464#section-3).
public struct AudioLevel: Hashable, Sendable {
    /// Whether the sender believes that the packet holds speech.
    public var voiceActivity: Bool
    /// The level below overload in decibels: 0 is the loudest, 127 is silence.
    public var level: UInt8

    /// Creates a level; above 127 means 127.
    public init(voiceActivity: Bool, level: UInt8) {
        self.voiceActivity = voiceActivity
        self.level = min(level, 127)
    }

    /// Reads the element's value.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let octet: UInt8 = try reader.read()
        self.init(voiceActivity: octet & 0x80 != 0, level: octet & 0x7F)
    }

    /// The element's value.
    public func encoded() -> [UInt8] { [(voiceActivity ? 0x80 : 0) | min(level, 127)] }
}
