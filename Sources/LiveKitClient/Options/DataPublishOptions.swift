/// How a data message is published.
public struct DataPublishOptions: Hashable, Sendable {
    /// Who receives it; everyone else in the room when empty.
    public var destinationIdentities: [Participant.Identity]
    /// A label that receivers filter by; at most ``maximumTopicBytes`` bytes of UTF-8.
    public var topic: String?
    /// Whether the message is retransmitted until it arrives, and delivered in order.
    public var reliable: Bool

    /// The longest topic.
    public static let maximumTopicBytes = 256

    /// Creates options.
    public init(
        destinationIdentities: [Participant.Identity] = [], topic: String? = nil, reliable: Bool = true
    ) {
        self.destinationIdentities = destinationIdentities
        self.topic = topic
        self.reliable = reliable
    }
}
