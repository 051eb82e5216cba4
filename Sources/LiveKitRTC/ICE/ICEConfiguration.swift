package import LiveKitCore

/// The mode and the timers of an ``ICEAgent``. The defaults are LiveKit's where LiveKit has one.
package struct ICEConfiguration: Sendable {
    /// Whether we only answer checks (RFC 8445 §2.5): for a server that everybody reaches.
    package var isLite = false
    /// Whether candidates with names are passed to the owner to be resolved, or ignored.
    package var resolvesNames = false

    /// Between consent checks on a pair that answers, spread by 0.8...1.2 (RFC 7675 §5.1).
    package var keepaliveInterval: MediaDuration = .seconds(2)
    /// Between consent checks while the latest is unanswered: a quarter of the time for which there was no answer,
    /// in these bounds. So an outage ends when the network is back and not a keepalive later, and a lost check is
    /// not taken for an outage.
    package var unansweredInterval: ClosedRange<MediaDuration> = .milliseconds(100) ... .milliseconds(250)
    /// Silence after which the agent is disconnected.
    package var disconnectedTimeout: MediaDuration = .seconds(10)
    /// Further silence after which it has failed. The sum is also the time that checking may take.
    package var failedTimeout: MediaDuration = .seconds(5)
    /// Unanswered time after which a controlling agent moves to another pair that answers, and a controlled
    /// one follows any nomination: six lost checks in a row, or a network that is gone.
    package var doubtTimeout: MediaDuration = .milliseconds(600)
    /// Unanswered time after which every other pair is checked again.
    package var recheckTimeout: MediaDuration = .seconds(3)

    /// Ta, between checks (RFC 8445 §14.2).
    package var pacing: MediaDuration = .milliseconds(50)
    /// Checks that may go at once before pacing begins.
    package var burst = 5
    /// Between copies of one check: a quarter of its age, in these bounds.
    ///
    /// RFC 8445 §14.3 begins at 500 ms and doubles. On a path that loses half of what it carries three of four
    /// round trips fail, and a join would wait for seconds; libwebrtc repeats each 48 ms. A check has some
    /// hundred bytes, and while several pairs are tried each has its share of ``pacing`` only.
    package var retransmission: ClosedRange<MediaDuration> = .milliseconds(60) ... .milliseconds(500)
    /// How long a controlling agent that has a valid direct pair waits for a better one.
    package var nominationPatience: MediaDuration = .milliseconds(100)
    /// The same when the valid pair is TCP or relayed, which media should only use when UDP is blocked.
    package var indirectNominationPatience: MediaDuration = .milliseconds(500)

    /// How long a nominating check is retransmitted before another pair is tried.
    package var nominationLifetime: MediaDuration = .seconds(4)

    package init() {}

    /// How long a check is retransmitted before its pair fails.
    var checkLifetime: MediaDuration { disconnectedTimeout + failedTimeout }
}
