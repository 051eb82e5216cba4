package import LiveKitCore

/// Asks the sender of one stream for key frames, not more often than it should make any.
///
/// It does not remember a request that comes too soon: whoever still waits asks again.
///
/// - SeeAlso: [RFC 4585 §6.3.1](https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1),
///   [RFC 5104 §4.3.1](https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1).
package struct KeyframeRequester: Sendable {
    /// What the peer understands.
    package enum Message: Hashable, Sendable { case pictureLoss, fullIntra }

    package let message: Message
    /// The least time between two requests.
    package var interval: MediaDuration
    private var lastRequestAt: MediaInstant?
    private var sequenceNumber: UInt8 = 0
    package private(set) var requestCount: UInt64 = 0
    /// Requests that came too soon.
    package private(set) var throttledCount: UInt64 = 0

    /// `feedback` are the messages that were agreed on for the codec: a picture loss indication where it is among them,
    /// since it leaves the sender free to do what suffices.
    package init(feedback: [String], interval: MediaDuration = RTPLimits.keyframeInterval) {
        message = !feedback.contains("nack pli") && feedback.contains("ccm fir") ? .fullIntra : .pictureLoss
        self.interval = interval
    }

    /// The request to send now, or `nil` when the last one is too fresh. Each is a command of its own.
    package mutating func request(from sender: SSRC, of media: SSRC, now: MediaInstant) -> RTCPPacket? {
        if let lastRequestAt, now - lastRequestAt < interval {
            throttledCount &+= 1
            return nil
        }
        lastRequestAt = now
        requestCount &+= 1
        switch message {
        case .pictureLoss:
            return .pictureLossIndication(PictureLossIndication(sender: sender, media: media))
        case .fullIntra:
            sequenceNumber &+= 1
            return .fullIntraRequest(
                FullIntraRequest(
                    sender: sender, entries: [.init(ssrc: media, sequenceNumber: sequenceNumber)]))
        }
    }
}

/// Tells new commands for key frames from those repeated because their sender feared that they were lost.
///
/// - SeeAlso: [RFC 5104 §4.3.1.2](https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1.2).
package struct KeyframeCommands: Sendable {
    private struct Known: Sendable {
        var sender: SSRC
        var media: SSRC
        var sequenceNumber: UInt8
    }

    /// Oldest first, at most `RTPLimits.keyframeCommands`.
    private var known: [Known] = []

    package init() {}

    /// Whether the command is new.
    package mutating func receive(_ entry: FullIntraRequest.Entry, from sender: SSRC) -> Bool {
        if let index = known.firstIndex(where: { $0.sender == sender && $0.media == entry.ssrc }) {
            guard known[index].sequenceNumber != entry.sequenceNumber else { return false }
            known[index].sequenceNumber = entry.sequenceNumber
            return true
        }
        if known.count >= RTPLimits.keyframeCommands { known.removeFirst() }
        known.append(Known(sender: sender, media: entry.ssrc, sequenceNumber: entry.sequenceNumber))
        return true
    }
}
