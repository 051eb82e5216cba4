/// What a peer connection counted. Wraps rather than traps.
package struct PeerConnectionStatistics: Sendable {
    /// Datagrams of no known kind, or from an address that ICE did not verify.
    package var strangers = 0
    /// Packets that failed authentication or were malformed.
    package var refused = 0
    /// Packets that came a second time.
    package var replayed = 0
    /// RTP packets of streams that no section describes.
    package var unknownStreams = 0
    /// Lost packets that forward error correction brought back.
    package var packetsCorrected = 0
    /// Lost packets that redundant audio brought back.
    package var packetsRepeated = 0
    package var packetsReceived = 0
    package var packetsSent = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// Of what was sent: packets that were sent before, for a repair or to probe the path.
    package var packetsResent = 0
    package var bytesResent = 0
    /// Feedback about the streams that come in.
    package var sentFeedback = FeedbackCounts()
    /// Feedback about the streams that go out.
    package var receivedFeedback = FeedbackCounts()
}

/// How often loss was reported and key frames were asked for.
package struct FeedbackCounts: Hashable, Sendable {
    package var negativeAcknowledgements = 0
    package var pictureLossIndications = 0
    package var fullIntraRequests = 0

    package init() {}

    package static func + (left: Self, right: Self) -> Self { combine(left, right, &+) }
    package static func - (left: Self, right: Self) -> Self { combine(left, right, &-) }

    private static func combine(_ left: Self, _ right: Self, _ operation: (Int, Int) -> Int) -> Self {
        var result = Self()
        result.negativeAcknowledgements = operation(left.negativeAcknowledgements, right.negativeAcknowledgements)
        result.pictureLossIndications = operation(left.pictureLossIndications, right.pictureLossIndications)
        result.fullIntraRequests = operation(left.fullIntraRequests, right.fullIntraRequests)
        return result
    }
}
