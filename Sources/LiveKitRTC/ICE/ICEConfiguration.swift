package import LiveKitCore

/// The timers of an ``ICEAgent``. The defaults are LiveKit's where LiveKit has one.
package struct ICEConfiguration: Sendable {
    /// Between consent checks on a pair that answers, spread by 0.8...1.2 (RFC 7675 §5.1).
    package var keepaliveInterval: MediaDuration = .seconds(2)
    /// Between consent checks while the latest is unanswered, so that an outage ends when the network is
    /// back and not a keepalive later.
    package var unansweredInterval: MediaDuration = .milliseconds(500)
    /// Silence after which the agent is disconnected.
    package var disconnectedTimeout: MediaDuration = .seconds(10)
    /// Further silence after which it has failed. The sum is also the time that checking may take.
    package var failedTimeout: MediaDuration = .seconds(5)
    /// Unanswered time after which a controlling agent moves to another pair that answers, and a controlled
    /// one follows any nomination.
    package var doubtTimeout: MediaDuration = .milliseconds(1500)
    /// Unanswered time after which every other pair is checked again.
    package var recheckTimeout: MediaDuration = .seconds(3)

    /// Ta, between checks (RFC 8445 §14.2).
    package var pacing: MediaDuration = .milliseconds(50)
    /// Checks that may go at once before pacing begins.
    package var burst = 5
    /// Before the first retransmission of a check.
    package var firstRetransmission: MediaDuration = .milliseconds(100)
    /// Between further ones: the least RTO of RFC 8445 §14.3, kept flat, because ``checkLifetime``
    /// bounds the number and doubling would spend the join's time on waiting.
    package var retransmission: MediaDuration = .milliseconds(150)
    /// How long a controlling agent that has a valid UDP pair waits for a better one.
    package var nominationPatience: MediaDuration = .milliseconds(100)
    /// The same when the valid pair is TCP, which media should only use when UDP is blocked.
    package var reliableNominationPatience: MediaDuration = .milliseconds(500)

    /// How long a nominating check is retransmitted before another pair is tried.
    package var nominationLifetime: MediaDuration = .seconds(4)

    package init() {}

    /// How long a check is retransmitted before its pair fails.
    var checkLifetime: MediaDuration { disconnectedTimeout + failedTimeout }
}
