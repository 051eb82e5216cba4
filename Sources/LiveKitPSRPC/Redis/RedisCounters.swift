package import Synchronization

/// What happened to a client or bus, counted from the start.
package final class RedisCounters: Sendable {
    /// Connections that were made.
    package let connections = Atomic<Int>(0)
    /// Connections that were lost, or could not be made.
    package let failures = Atomic<Int>(0)
    /// Commands that had no answer in time, for want of a connection or of a server that answers.
    package let unanswered = Atomic<Int>(0)
    /// Commands that were not taken, because too many waited.
    package let overflows = Atomic<Int>(0)
    /// Messages that found their subscription's queue full.
    package let droppedMessages = Atomic<Int>(0)
    /// Messages of a queue that nobody could claim, because Redis did not answer.
    package let unclaimedMessages = Atomic<Int>(0)

    package init() {}

    /// All of them now.
    package var tally: RedisTally {
        RedisTally(
            connections: connections.load(ordering: .relaxed), failures: failures.load(ordering: .relaxed),
            unanswered: unanswered.load(ordering: .relaxed), overflows: overflows.load(ordering: .relaxed),
            droppedMessages: droppedMessages.load(ordering: .relaxed),
            unclaimedMessages: unclaimedMessages.load(ordering: .relaxed))
    }
}

/// The values of ``RedisCounters`` at one time.
package struct RedisTally: Hashable, Sendable {
    package var connections = 0
    package var failures = 0
    package var unanswered = 0
    package var overflows = 0
    package var droppedMessages = 0
    package var unclaimedMessages = 0
}
