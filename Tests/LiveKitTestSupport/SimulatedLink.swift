package import LiveKitCore

/// Two hosts joined by a lossy, slow, reordering path, on a clock that only the test moves.
///
/// Everything random comes from one seed, and nothing sleeps: time jumps straight to the next deadline
/// or arrival, so a test of half a minute costs microseconds and fails the same way every time.
package struct SimulatedLink<Payload> {
    package enum Host: Hashable, Sendable { case left, right }

    package struct Conditions: Sendable {
        /// Probability that a datagram vanishes, 0...1.
        package var loss: Double
        /// Probability that a datagram arrives twice, 0...1.
        package var duplication: Double
        /// One-way delay; datagrams overtake one another when the range is not a point.
        package var delay: ClosedRange<MediaDuration>

        package init(
            loss: Double = 0, duplication: Double = 0,
            delay: ClosedRange<MediaDuration> = .milliseconds(20) ... .milliseconds(20)
        ) {
            self.loss = loss
            self.duplication = duplication
            self.delay = delay
        }
    }

    private struct Flight {
        var arrivesAt: MediaInstant
        var order: Int
        var destination: Host
        var payload: Payload
    }

    package var conditions: Conditions
    package private(set) var now: MediaInstant = .start
    private var flights: [Flight] = []
    private var sent = 0
    private var random: DeterministicRandom

    package init(seed: UInt64, conditions: Conditions = Conditions()) {
        self.conditions = conditions
        random = DeterministicRandom(seed: seed)
    }

    package mutating func send(_ payload: Payload, to destination: Host) {
        guard Double.random(in: 0..<1, using: &random) >= conditions.loss else { return }
        launch(payload, to: destination)
        if Double.random(in: 0..<1, using: &random) < conditions.duplication { launch(payload, to: destination) }
    }

    private mutating func launch(_ payload: Payload, to destination: Host) {
        let arrivesAt = now + random.duration(in: conditions.delay)
        flights.append(Flight(arrivesAt: arrivesAt, order: sent, destination: destination, payload: payload))
        sent += 1
    }

    /// When the next datagram arrives, if any is under way.
    package var nextArrival: MediaInstant? { flights.map(\.arrivesAt).min() }

    /// Jumps to the earlier of `deadline` and the next arrival, never past `end` and never back.
    package mutating func advance(to deadline: MediaInstant?, end: MediaInstant) {
        now = max(now, min(deadline ?? end, nextArrival ?? end, end))
    }

    /// Takes what has arrived by now, in order of arrival.
    package mutating func arrivals() -> [(destination: Host, payload: Payload)] {
        let due = flights.filter { $0.arrivesAt <= now }
            .sorted { ($0.arrivesAt, $0.order) < ($1.arrivesAt, $1.order) }
        flights.removeAll { $0.arrivesAt <= now }
        return due.map { (destination: $0.destination, payload: $0.payload) }
    }
}
