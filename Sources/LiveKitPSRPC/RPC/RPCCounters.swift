package import Synchronization

/// What happened to calls between nodes, counted from the start.
package final class RPCCounters: Sendable {
    /// Requests that were worked on here.
    package let handled = Atomic<Int>(0)
    /// Requests and stream messages that came too late.
    package let expired = Atomic<Int>(0)
    /// What came on a channel of calls and is not what belongs there.
    package let malformed = Atomic<Int>(0)
    /// Requests and streams turned away because too many were at work.
    package let refused = Atomic<Int>(0)
    /// Stream messages that found their reader's queue full.
    package let slowReaders = Atomic<Int>(0)
    /// Answers, acknowledgements and closings that could not be handed to the bus.
    package let unsent = Atomic<Int>(0)

    package init() {}
}

extension Atomic where Value == Int {
    func increment() { wrappingAdd(1, ordering: .relaxed) }
}
