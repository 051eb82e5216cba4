internal import LiveKitCore

/// How long signalling between nodes is tried, and how much of it may wait. LiveKit's `signal_relay`.
enum SignalRelayBounds {
    /// A message that is not acknowledged for so long ends the relay.
    static let retryTimeout = MediaDuration.milliseconds(7500)
    /// The first wait for an acknowledgement; each is twice the one before.
    static let shortestRetry = MediaDuration.milliseconds(500)
    static let longestRetry = MediaDuration.seconds(4)
    /// Messages that may wait for the other node: as many as for a socket. One more ends the relay.
    static let waiting = SignalOutbox.capacity
    /// How often a join is tried when the room's node does not answer. LiveKit's `connect_attempts`.
    static let connectAttempts = 3
    /// The pause before each but the first, in which what is known of nodes may change.
    static let connectPause = Duration.milliseconds(250)

    /// How long the room's node may take to answer a join.
    static func answerTimeout(attempt: Int) -> MediaDuration { .seconds(3 + Int64(attempt)) }
}
