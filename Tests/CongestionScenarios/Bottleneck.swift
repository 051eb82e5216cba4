package import LiveKitCore

/// A link of a certain rate with a queue before it that takes so many milliseconds and drops what comes beyond, and
/// loses some packets whatever happens.
package struct Bottleneck {
    package struct Conditions: Hashable, Sendable {
        package var capacity: Double
        package var delay: MediaDuration
        package var queueLimit: MediaDuration
        /// Probability that a packet vanishes, 0...1.
        package var loss: Double

        /// `capacity` in kilobit each second.
        package init(
            kilobits capacity: Double, delay: MediaDuration, queueLimit: MediaDuration = .milliseconds(300),
            loss: Double = 0
        ) {
            self.capacity = capacity * 1000
            self.delay = delay
            self.queueLimit = queueLimit
            self.loss = loss
        }
    }

    package struct Packet: Sendable {
        package var flow: Int
        package var number: SequenceNumber
        package var byteCount: Int
        package var marker: Bool
        package var sentAt: MediaInstant

        package init(flow: Int, number: SequenceNumber, byteCount: Int, marker: Bool, sentAt: MediaInstant) {
            self.flow = flow
            self.number = number
            self.byteCount = byteCount
            self.marker = marker
            self.sentAt = sentAt
        }
    }

    private static let smallestQueue = 3000.0

    package var conditions: Conditions
    package private(set) var droppedCount = 0
    private var queue = FIFO<Packet>()
    private var queuedBytes = 0
    private var headEndsAt: MediaInstant?
    private var flying = FIFO<(arrivesAt: MediaInstant, packet: Packet)>()
    private var random: DeterministicRandom

    package init(_ conditions: Conditions, seed: UInt64) {
        self.conditions = conditions
        random = DeterministicRandom(seed: seed)
    }

    /// How long a packet that came now would wait.
    package var queueDelay: MediaDuration {
        MediaDuration(nanoseconds: Int64(Double(queuedBytes) * 8e9 / conditions.capacity))
    }

    package mutating func send(_ packet: Packet, now: MediaInstant) {
        guard Double.random(in: 0..<1, using: &random) >= conditions.loss else { return }
        let limit = max(conditions.capacity / 8 * conditions.queueLimit.seconds, Self.smallestQueue)
        guard Double(queuedBytes + packet.byteCount) <= limit else {
            droppedCount += 1
            return
        }
        queue.append(packet)
        queuedBytes += packet.byteCount
        if headEndsAt == nil { headEndsAt = now + transmission(packet) }
    }

    package var nextEvent: MediaInstant? { .earliest(headEndsAt, flying.first?.arrivesAt) }

    /// The packet that has arrived by `now`, if any.
    package mutating func receive(now: MediaInstant) -> Packet? {
        while let end = headEndsAt, end <= now, let packet = queue.popFirst() {
            queuedBytes -= packet.byteCount
            // A path that becomes shorter does not reorder.
            let arrival = max(end + conditions.delay, flying.last?.arrivesAt ?? .start)
            flying.append((arrival, packet))
            headEndsAt = queue.first.map { end + transmission($0) }
        }
        guard let next = flying.first, next.arrivesAt <= now else { return nil }
        return flying.popFirst()?.packet
    }

    private func transmission(_ packet: Packet) -> MediaDuration {
        MediaDuration(nanoseconds: Int64(Double(packet.byteCount) * 8e9 / conditions.capacity))
    }
}

/// A queue over an array.
struct FIFO<Element> {
    private var elements: [Element] = []
    private var head = 0

    var first: Element? { head < elements.count ? elements[head] : nil }
    var last: Element? { head < elements.count ? elements[elements.count - 1] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head > 1024, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
