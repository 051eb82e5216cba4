internal import LiveKitCore
internal import LiveKitRTC

/// What was counted of a track.
public struct TrackStatistics: Hashable, Sendable {
    /// The streams that we send, a published track's layers from the smallest to the largest.
    public var outboundStreams: [OutboundStreamStatistics] = []
    /// What the connection that we send by is believed to carry, in bits each second, all tracks together.
    public var availableOutgoingBitrate: Double?
    /// The stream that we receive.
    public var inboundStream: InboundStreamStatistics?

    init() {}
}

/// What was counted of one stream that we send, and what its receiver reports of it.
public struct OutboundStreamStatistics: Hashable, Sendable {
    /// The simulcast layer: `q`, `h` or `f`; `nil` without simulcast.
    public var rid: String?
    /// Packets so far, retransmissions apart.
    public var packetsSent: UInt64
    /// Payload bytes so far, retransmissions apart.
    public var bytesSent: UInt64
    /// Packets that were sent again.
    public var retransmittedPacketsSent: UInt64
    /// Packets that the receiver said it missed, each time it did.
    public var packetsReportedMissing: UInt64 = 0
    /// Pictures so far.
    public var framesSent: UInt64 = 0
    /// Key frames among them.
    public var keyframesSent: UInt64 = 0
    /// Key frames that the receiver asked for.
    public var keyframeRequests: UInt64 = 0
    /// Pictures that were not encoded because too much waited to be sent.
    public var framesSkipped: UInt64 = 0
    /// The bits each second that the encoder aims at now; zero for a layer that the path has no room for.
    public var targetBitrate: Double = 0
    /// How long packets waited to be spaced out before they left, all together, in seconds.
    public var totalPacketSendDelay: Double
    /// The share of packets lost lately, 0...1; `nil` before the first report.
    public var fractionLost: Double?
    /// Packets lost since the start, as reported; `nil` before the first report.
    public var packetsLost: Int?
    /// The variation of the packets' travel time, in seconds; `nil` before the first report.
    public var jitter: Double?
    /// The round-trip time to the receiver in seconds, once measured.
    public var roundTripTime: Double?

    init(_ stream: RTPStreamSender) {
        let outbound = stream.outbound.statistics
        rid = stream.rid
        packetsSent = outbound.packetCount
        bytesSent = outbound.octetCount
        retransmittedPacketsSent = stream.retransmittedCount
        totalPacketSendDelay = stream.outbound.pacerDelay.seconds
        roundTripTime = outbound.roundTripTime?.seconds
        guard let report = outbound.lastReportBlock else { return }
        fractionLost = Double(report.fractionLost) / 256
        packetsLost = Int(report.cumulativeLost)
        jitter = Double(report.jitter) / Double(stream.clockRate)
    }
}

/// What was counted of one stream that we receive.
public struct InboundStreamStatistics: Hashable, Sendable {
    /// Packets so far.
    public var packetsReceived: UInt64 = 0
    /// Payload bytes so far.
    public var bytesReceived: UInt64 = 0
    /// Packets that never came by themselves; retransmissions may have brought them.
    public var packetsLost: Int = 0
    /// The variation of the packets' travel time, in seconds.
    public var jitter: Double = 0
    /// Whole pictures, or packets of sound, that came out of the jitter buffer.
    public var framesReceived: UInt64 = 0
    /// Pictures or packets of sound that were decoded.
    public var framesDecoded: UInt64 = 0
    /// Pictures that found the decoder's queue full, or that it refused.
    public var framesDropped: UInt64 = 0
    /// Packets of sound that were missing at their time and had to be concealed.
    public var packetsConcealed: UInt64 = 0
    /// Key frames that we asked for.
    public var keyframeRequests: UInt64 = 0
    /// The round-trip time of the connection in seconds, once measured.
    public var roundTripTime: Double?

    init() {}
}
