package import LiveKitCore

/// A data channel is the pair of streams of one number.
package typealias DataChannelID = StreamID

/// What an association tells its owner.
///
/// ```
///  connected ──► channelOpened ──► message… bufferedAmountLow… ──► channelClosed
///      │  ▲          (each channel)
///      │  └── restarted (every channel was closed before)
///      └────► closed | aborted: no other event will follow
/// ```
package enum SCTPEvent: Hashable, Sendable {
    /// The handshake is done. Messages sent before go out now.
    case connected
    /// The peer lost its state and began anew. All channels were closed.
    case restarted
    /// A channel is ready, opened by either side.
    case channelOpened(DataChannel)
    case message(DataChannelID, [UInt8], isBinary: Bool)
    /// Both directions of the channel are closed; its number may be used again.
    case channelClosed(DataChannelID)
    /// What waits on the channel fell to its threshold.
    case bufferedAmountLow(DataChannelID)
    /// The association came to an orderly end.
    case closed
    case aborted(SCTPAbortReason)
}

/// Why an association ended out of order.
package enum SCTPAbortReason: Hashable, Sendable {
    /// We were asked to.
    case local
    /// The peer said so, with this cause.
    case remote(SCTPErrorCause.Code?)
    /// The peer broke the protocol.
    case protocolViolation
    /// A message does not fit the receive window.
    case outOfResources
    /// Too many retransmissions went unanswered.
    case unresponsive
}

/// Why a message or a channel was refused.
package enum SCTPSendError: Error, Hashable, Sendable {
    /// No such channel, or it is closing, or the association ended.
    case closed
    /// The message exceeds what the peer accepts.
    case tooLarge(limit: Int)
    /// Too much waits already; nothing was queued.
    case bufferFull
    /// All numbers are taken, or the one asked for is.
    case noFreeChannel
    /// Label or protocol exceed their bound.
    case labelTooLong
}
