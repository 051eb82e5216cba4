package import LiveKitCore

/// The properties of a data channel, which both sides know.
///
/// - SeeAlso: [RFC 8831 §6.1](https://www.rfc-editor.org/rfc/rfc8831#section-6.1).
package struct DataChannel: Hashable, Sendable {
    package var id: DataChannelID
    package var label: String
    package var protocolName: String
    package var isOrdered: Bool
    package var reliability: DataChannelReliability
    /// Whether both sides agreed on the channel elsewhere, so that no OPEN is sent.
    package var isNegotiated: Bool
    /// Whether the peer opened it.
    package var isRemote: Bool
}

/// A channel's progress, as the association keeps it.
struct DataChannelRecord {
    enum State: Hashable {
        case open
        /// No more messages go in; both streams are on their way to being reset.
        case closing(Closing)
    }

    struct Closing: Hashable {
        var isOutgoingReset = false
        var isIncomingReset = false

        var isDone: Bool { isOutgoingReset && isIncomingReset }
    }

    var channel: DataChannel
    var state: State = .open
    /// Until the peer answered the OPEN, even an unordered channel sends in order (RFC 8832 §6), lest a
    /// message overtake it.
    var isAcknowledged: Bool
    var bufferedAmountLowThreshold = 0

    var sendsUnordered: Bool { !channel.isOrdered && isAcknowledged }
}
