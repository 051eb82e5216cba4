internal import LiveKitRTC

/// Turns a peer connection's running totals into what was added since the last look.
struct ConnectionTally {
    private var seen: PeerConnectionStatistics?

    mutating func take(_ totals: PeerConnectionStatistics) -> MediaTally {
        defer { seen = totals }
        var tally = MediaTally()
        tally.packetsReceived = totals.packetsReceived &- (seen?.packetsReceived ?? 0)
        tally.packetsSent = totals.packetsSent &- (seen?.packetsSent ?? 0)
        tally.bytesReceived = totals.bytesReceived &- (seen?.bytesReceived ?? 0)
        tally.bytesSent = totals.bytesSent &- (seen?.bytesSent ?? 0)
        tally.packetsResent = totals.packetsResent &- (seen?.packetsResent ?? 0)
        tally.bytesResent = totals.bytesResent &- (seen?.bytesResent ?? 0)
        tally.sentFeedback = totals.sentFeedback - (seen?.sentFeedback ?? FeedbackCounts())
        tally.receivedFeedback = totals.receivedFeedback - (seen?.receivedFeedback ?? FeedbackCounts())
        tally.packetsRefused = totals.refused &- (seen?.refused ?? 0)
        tally.packetsReplayed = totals.replayed &- (seen?.replayed ?? 0)
        tally.packetsUnexpected = totals.unknownStreams &- (seen?.unknownStreams ?? 0)
        return tally
    }
}
