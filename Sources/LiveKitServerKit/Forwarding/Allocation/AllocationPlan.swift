internal import LiveKitRTC

/// Who gets which layer of what a path carries, worked out once: all tracks their lowest layer, then all their next one,
/// and so on, each time the track of the highest priority first.
///
/// A layer that a track has is left to it while it about fits; one that it does not have must fit with some room. So an
/// estimate or a bitrate that swings does not switch layers back and forth: each switch costs a key frame.
struct AllocationPlan {
    /// One track, and what is decided of it.
    struct Entry {
        let demand: StreamDemand
        /// What it has: the layer, or `nil` while it is paused.
        let held: Int?
        /// Whether it is new: its lowest layer counts as held then.
        let isNew: Bool
        /// Whether a paused one may come back.
        let mayResume: Bool
        fileprivate let layers: [StreamDemand.Layer]
        fileprivate var position: Int?
        fileprivate var isClosed = false

        init(_ demand: StreamDemand, held: Int?, isNew: Bool, mayResume: Bool) {
            self.demand = demand
            self.held = held
            self.isNew = isNew
            self.mayResume = mayResume
            layers = demand.usable
        }

        /// The layer that it gets; `nil` for none.
        var layer: Int? { position.map { layers[$0].index } }
        /// Whether nothing of what it wants is sent by its publisher.
        var isIdle: Bool { layers.isEmpty }
        /// Whether it gets less than what there is of it.
        var isDeficient: Bool { !isIdle && position != layers.count - 1 }
        /// What it had of the layers that still send.
        var heldLayer: Int? { held.flatMap { held in layers.last { $0.index <= held }?.index } }
        var heldBitrate: Bitrate {
            let layer = isNew ? layers.first : held.flatMap { held in layers.last { $0.index <= held } }
            return layer?.bitrate ?? .zero
        }
    }

    /// What may be done.
    struct Rules {
        var budget: Bitrate
        /// Whether what a track has may be taken from it.
        var mayTake = true
        /// Whether a track may get more than it has.
        var mayRaise = true
        /// Whether a track may get nothing at all.
        var mayPause = false
    }

    /// What is held may exceed the budget by this, since bitrates are measured and swing.
    static let tolerance = 1.05
    /// What is new must leave so much of itself free.
    static let raiseMargin = 1.1

    private(set) var entries: [Entry]
    /// What all that was chosen takes.
    private(set) var used = Bitrate.zero
    /// What the first layer that was left out for want of bandwidth would take more.
    private(set) var missing: Bitrate?

    /// Plans for the tracks that flow, in whatever order they are given.
    init(_ entries: [Entry], _ rules: Rules) {
        self.entries = entries.sorted {
            ($1.demand.priority, $0.demand.track.rawValue) < ($0.demand.priority, $1.demand.track.rawValue)
        }
        for index in self.entries.indices where !self.entries[index].isIdle { open(index, rules) }
        let highest = self.entries.compactMap { $0.layers.last?.index }.max() ?? 0
        for level in 0...highest {
            for index in self.entries.indices { raise(index, to: level, rules) }
        }
    }

    private mutating func open(_ index: Int, _ rules: Rules) {
        let entry = entries[index]
        let rate = entry.layers[0].bitrate ?? .zero
        let isHeld = entry.isNew || entry.held != nil
        let fits =
            isHeld
            ? !rules.mayTake || used + rate <= rules.budget * Self.tolerance
            : entry.mayResume && used + rate * Self.raiseMargin <= rules.budget
        guard fits || !rules.mayPause else {
            entries[index].isClosed = true
            missing = missing ?? rate
            return
        }
        entries[index].position = 0
        used = used + rate
    }

    private mutating func raise(_ index: Int, to level: Int, _ rules: Rules) {
        let entry = entries[index]
        guard !entry.isClosed, let position = entry.position, position + 1 < entry.layers.count else { return }
        let next = entry.layers[position + 1]
        guard next.index == level else { return }
        let added = (next.bitrate ?? .zero) - (entry.layers[position].bitrate ?? .zero)
        guard fits(next, added: added, in: entry, rules) else {
            entries[index].isClosed = true
            if next.bitrate != nil { missing = missing ?? added }
            return
        }
        entries[index].position = position + 1
        used = used + added
    }

    private func fits(_ layer: StreamDemand.Layer, added: Bitrate, in entry: Entry, _ rules: Rules) -> Bool {
        if let held = entry.held, layer.index <= held {
            return !rules.mayTake || used + added <= rules.budget * Self.tolerance
        }
        return rules.mayRaise && layer.bitrate != nil && used + added * Self.raiseMargin <= rules.budget
    }
}
