/// The URIs by which session descriptions name header extensions (`a=extmap`, RFC 8285 §5).
public enum RTPHeaderExtensionURI {
    /// Client-to-mixer audio level, RFC 6464.
    public static let audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    /// The media section that a packet belongs to, RFC 9143.
    public static let mediaIdentification = "urn:ietf:params:rtp-hdrext:sdes:mid"
    /// The simulcast layer of a packet, RFC 8852.
    public static let streamIdentifier = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    /// The simulcast layer that a retransmission belongs to, RFC 8852.
    public static let repairedStreamIdentifier = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    /// Absolute send time.
    public static let absoluteSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    /// Absolute capture time.
    public static let absoluteCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
    /// Playout delay limits.
    public static let playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
    /// Transport-wide sequence numbers, draft-holmer-rmcat-transport-wide-cc-extensions-01.
    public static let transportSequenceNumber =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    /// Coordination of video orientation, 3GPP TS 26.114 §7.4.5.
    public static let videoOrientation = "urn:3gpp:video-orientation"
    /// Transmission time offsets, RFC 5450.
    public static let transmissionTimeOffset = "urn:ietf:params:rtp-hdrext:toffset"
    /// AV1's dependency descriptor.
    public static let dependencyDescriptor =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    /// Frame marking, RFC 9626.
    public static let frameMarking = "urn:ietf:params:rtp-hdrext:framemarking"
}
