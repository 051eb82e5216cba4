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
}

extension Atomic where Value == Int {
    func count() { wrappingAdd(1, ordering: .relaxed) }
}
