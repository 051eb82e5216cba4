/// The bounds of an SRTP session.
enum SRTPLimits {
    /// Packets the receiver's replay window reaches back: a second of 5 Mbit/s video, so that a late
    /// retransmission on the same SSRC still counts.
    static let replayWindow = 1024
    /// Streams that an authentic peer may start unannounced, since each costs memory. The one not heard for longest
    /// makes room.
    static let undeclaredStreams = 64
    /// Streams that signalling may announce: a large room seen by one subscriber, with simulcast and RTX.
    static let declaredStreams = 1024
    /// Streams that one sender remembers the rollover counter of. More live ones are refused.
    static let sentStreams = 1024
}
