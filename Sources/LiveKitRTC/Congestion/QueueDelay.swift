package import LiveKitCore

/// How long packets wait in the path's queues: their travel time over the shortest one of late.
///
/// The two clocks share no origin, so only the difference means something. The shortest of the last ten to twenty
/// seconds stands for an empty queue, which lets the two clocks drift and a path grow longer.
package struct QueueDelay: Sendable {
    private static let epoch: MediaDuration = .seconds(10)
    private static let smoothing = 0.8

    /// The smoothed waiting time.
    package private(set) var current: MediaDuration = .zero

    private var shortest: MediaDuration?
    private var shortestBefore: MediaDuration?
    private var epochStart: MediaInstant?
    private var smoothed = 0.0
    private var isFresh = true

    package init() {}

    package mutating func update(sentAt: MediaInstant, arrivedAt: MediaInstant, now: MediaInstant) {
        let travel = arrivedAt - sentAt
        let start = epochStart ?? now
        epochStart = start
        if now - start >= Self.epoch {
            shortestBefore = shortest
            shortest = nil
            epochStart = now
        }
        shortest = min(shortest ?? travel, travel)
        let base = min(shortest ?? travel, shortestBefore ?? travel)
        let waiting = (travel - base).seconds
        smoothed = isFresh ? waiting : Self.smoothing * smoothed + (1 - Self.smoothing) * waiting
        isFresh = false
        current = MediaDuration(nanoseconds: Int64(min(smoothed, 3600) * 1e9))
    }

    /// Takes the path as it is now for one without a queue.
    package mutating func rebase() {
        self = Self()
    }
}
