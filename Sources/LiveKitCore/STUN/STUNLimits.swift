/// Bounds of the STUN codec, each with its reason.
package enum STUNLimits {
    /// A TURN request carries about twelve attributes, an ICE check of libwebrtc nine. More is an attack on
    /// the parser's memory: 65 535 bytes hold 16 383 empty attributes.
    package static let attributes = 64
    /// RFC 8489 §14.9, §14.10 and §14.14 allow texts of at most 763 bytes.
    package static let textBytes = 763
}
