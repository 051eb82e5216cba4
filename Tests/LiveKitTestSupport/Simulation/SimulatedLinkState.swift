internal import LiveKitCore

/// One direction of a link: its conditions now, its queue, and the state of its loss model.
struct SimulatedLinkState {
    var conditions: LinkConditions
    /// Spans of time in which nothing comes through.
    private(set) var outages: [Range<MediaInstant>] = []
    private var isBad = false
    private var lastArrival = MediaInstant.start
    private var queue: [SimulatedDatagram] = []
    private var head = 0
    private(set) var queuedBytes = 0
    /// Whether a datagram is being serialised: its departure is an event of the network's.
    var isBusy = false
    private var random: DeterministicRandom

    /// What becomes of a datagram on the wire.
    struct Crossing {
        var arrivesAt: MediaInstant
        var duplicateAt: MediaInstant?
        var isReordered = false
    }

    init(_ conditions: LinkConditions, seed: UInt64) {
        self.conditions = conditions
        random = DeterministicRandom(seed: seed)
    }

    mutating func addOutage(_ span: Range<MediaInstant>) {
        outages.append(span)
    }

    func isDown(_ now: MediaInstant) -> Bool {
        outages.contains { $0.contains(now) }
    }

    // MARK: Queue

    /// Queues the datagram, unless there is no room (drop-tail).
    mutating func enqueue(_ datagram: SimulatedDatagram) -> Bool {
        let size = datagram.ipSize
        // An idle link takes any one packet.
        guard queuedBytes == 0 || queuedBytes + size <= max(conditions.queueBytes, 0) else { return false }
        queue.append(datagram)
        queuedBytes += size
        return true
    }

    /// The time that the datagram at the head needs.
    var nextSerialization: MediaDuration? {
        head < queue.count ? conditions.serialization(of: queue[head].ipSize) : nil
    }

    mutating func dequeue() -> SimulatedDatagram? {
        guard head < queue.count else { return nil }
        let datagram = queue[head]
        head += 1
        queuedBytes -= datagram.ipSize
        if head == queue.count || head > 256 {
            queue.removeFirst(head)
            head = 0
        }
        return datagram
    }

    // MARK: Wire

    /// Lets a datagram cross, or loses it.
    mutating func cross(now: MediaInstant) -> Crossing? {
        guard !isLost() else { return nil }
        var crossing = Crossing(arrivesAt: arrival(now: now))
        if conditions.reorder > 0, chance(conditions.reorder) {
            crossing.arrivesAt = crossing.arrivesAt + conditions.reorderDelay
            crossing.isReordered = true
        } else {
            crossing.arrivesAt = max(crossing.arrivesAt, lastArrival)
            lastArrival = crossing.arrivesAt
        }
        if conditions.duplication > 0, chance(conditions.duplication) {
            crossing.duplicateAt = max(arrival(now: now), crossing.arrivesAt)
        }
        return crossing
    }

    private mutating func arrival(now: MediaInstant) -> MediaInstant {
        guard conditions.jitter > .zero else { return now + conditions.delay }
        return now + conditions.delay + random.duration(in: .zero...conditions.jitter)
    }

    private mutating func isLost() -> Bool {
        switch conditions.loss {
        case .none: return false
        case .random(let probability): return chance(probability)
        case .bursts(let model):
            isBad = chance(isBad ? 1 - model.recovery : model.failure)
            let loss = isBad ? model.lossWhileBad : model.lossWhileGood
            return loss >= 1 || chance(loss)
        }
    }

    private mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }
}
