/// The bounds of an association's lists, each with its reason.
enum SCTPLimits {
    /// Streams asked for in INIT: what every WebRTC stack asks for; all ids but 65535, which RFC 8832 reserves.
    static let streams: UInt16 = 65535
    /// Data channels at a time, as libwebrtc has it. An OPEN beyond is refused by resetting its stream.
    static let channels = 1024
    /// Bytes of a channel's label, and of its protocol. W3C allows 65535, which nobody uses; an OPEN beyond is refused.
    static let labelSize = 4096
    /// How far beyond the cumulative TSN a chunk may lie: a whole window of small messages. Farther ones are dropped.
    static let receivedAhead = 32768
    /// Separate runs of received chunks that are remembered. A chunk that would begin one more is dropped.
    static let receivedRuns = 1024
    /// Gap blocks reported in one SACK, so that it always fits a packet. The newest are left out.
    static let gapBlocks = 128
    /// Duplicates reported in one SACK. They only inform.
    static let duplicates = 16
    /// Streams named in one FORWARD TSN, so that it fits a packet with room to spare. The rest goes with the next.
    static let skippedStreams = 64
    /// The largest FORWARD TSN, or the I-FORWARD-TSN that names as many.
    static let forwardSize = 8 + 8 * skippedStreams
    /// Cookies that may come back too late before a handshake is given up.
    static let staleCookies = 4
    /// Streams named in one reset request, so that it always fits a packet.
    static let resetStreams = 256
    /// Handshake and error packets that wait for the owner to drain them. More are not made.
    static let controlPackets = 32
    /// Bytes charged for each buffered fragment over its payload, so that tiny ones cannot cost more than the window.
    static let fragmentOverhead = 64
    /// Bytes in flight, whatever the network seems to bear: ten times 20 Mbit/s at 200 ms.
    static let congestionWindow = 5 * 1024 * 1024
    /// Largest HEARTBEAT that is answered, since the answer must fit a packet.
    static let heartbeatInfo = 1024
}
