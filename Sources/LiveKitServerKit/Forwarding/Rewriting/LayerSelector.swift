/// Which simulcast layer one subscriber gets: a fixed wish, followed at the next key frame.
///
/// Layers count from 0 (low). The current layer goes on until the wanted one sends a key frame, so that
/// the picture never breaks at a switch. While nothing is current, any key frame at or below the wish is
/// taken, so that the first picture comes early.
struct LayerSelector {
    enum Decision: Equatable {
        /// Not for this subscriber.
        case skip
        /// The packet continues the current layer.
        case forward
        /// The packet starts the layer: rewriters begin a new run.
        case switchAndForward
    }

    /// The highest layer the subscriber wants.
    private(set) var wanted: Int
    /// The layer being forwarded.
    private(set) var current: Int?

    init(wanted: Int = 2) {
        self.wanted = wanted
    }

    /// Changes the wish. Returns whether a key frame of ``target(available:)`` must be asked for.
    mutating func want(_ layer: Int) -> Bool {
        guard layer != wanted else { return false }
        wanted = layer
        return current != layer
    }

    /// Starts afresh, as after a pause: the next packet forwarded must begin with a key frame.
    mutating func reset() {
        current = nil
    }

    /// The layer that is being waited for, given those that send, or `nil` when nothing is to be waited for.
    func target(available: Int) -> Int? {
        guard available > 0 else { return current == nil ? wanted : nil }
        let highest = UInt64.bitWidth - UInt64(available).leadingZeroBitCount - 1
        let target = min(wanted, highest)
        return target == current ? nil : target
    }

    /// Decides about a packet of `layer`. `available` is a bit set of the layers that send.
    mutating func decide(layer: Int, startsKeyframe: Bool, available: Int) -> Decision {
        if layer == current { return .forward }
        guard startsKeyframe else { return .skip }
        let isWanted = layer == target(available: available)
        let isBetterThanNothing = current == nil && layer <= wanted
        guard isWanted || isBetterThanNothing else { return .skip }
        current = layer
        return .switchAndForward
    }
}
