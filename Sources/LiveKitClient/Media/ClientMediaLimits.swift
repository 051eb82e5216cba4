/// Bounds of the client's media path.
enum ClientMediaLimits {
    /// Frames that wait for an encoder. More would only add delay: the oldest goes.
    static let framesToEncode = 2
    /// Buffers of sound that wait for an encoder, 20 ms each as a rule: the oldest goes.
    static let buffersToEncode = 25
    /// Encoded pictures that wait for a decoder: a second. Then the newest goes, and a key frame is asked for.
    static let framesToDecode = 30
    /// Audio packets that wait for a decoder: a second. The oldest goes.
    static let packetsToDecode = 50
    /// Decoded frames in an `AsyncSequence` adapter that nobody reads: the oldest goes.
    static let framesToRead = 4
    /// Buffers of sound in an `AsyncSequence` adapter that nobody reads: the oldest goes.
    static let buffersToRead = 50
    /// Renderers and encoded-frame receivers of one track.
    static let renderers = 32
    /// The RTP payload that goes into one packet, so that with all headers, a retransmission's two bytes and SRTP's
    /// tag the datagram stays within 1200 bytes, which every path carries.
    static let payloadSize = 1100
    /// What a transport tells its room and the room has not yet acted upon; data messages, most of all.
    static let transportEvents = 4096
    /// Candidates that came before the description that they belong to.
    static let earlyCandidates = 64
    /// ICE servers that are used, and URLs of each. Further ones are left out.
    static let iceServers = 8
}
