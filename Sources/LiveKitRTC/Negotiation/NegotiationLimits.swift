/// The bounds of a negotiation, and its fixed numbers.
package enum NegotiationLimits {
    /// A room that a browser still decodes; each section costs some 4 KiB of description.
    package static let sections = 64
    /// LiveKit uses three; more encodings of one picture serve nobody.
    package static let simulcastEncodings = 8
    /// More than any peer gathers.
    package static let remoteCandidates = 64
    /// What WebRTC implementations use; the number has no meaning inside DTLS (RFC 8841 §5.1).
    package static let sctpPort: UInt16 = 5000
    /// The largest message that we take, as libwebrtc says it too.
    package static let maxMessageSize: UInt64 = 262_144
    /// What a peer takes that says nothing (RFC 8841 §6.1).
    static let defaultMaxMessageSize: UInt64 = 65_536
}
