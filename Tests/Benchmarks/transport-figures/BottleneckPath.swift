internal import LiveKitCore
internal import LiveKitRTC

/// Two SCTP associations at the ends of a path with a rate, a queue, a delay and loss, on a clock of its own.
///
/// Packets are counted with what lies beneath them: IPv4, UDP and a DTLS record.
final class BottleneckPath {
    struct Conditions {
        /// Bits each second; `nil` for no limit.
        var rate: Int64?
        /// Bytes that may wait for the link; what exceeds them is dropped.
        var queueSize = Int.max
        var delay: MediaDuration
        var loss = 0.0
        /// What is added to the delay at most, at random, so that packets overtake one another.
        var jitter: MediaDuration = .zero
        var duplication = 0.0

        /// Whether seeds make a difference.
        var hasChance: Bool { loss > 0 || jitter > .zero || duplication > 0 }
    }

    private struct Flight {
        var arrivesAt: MediaInstant
        var order: Int
        var bytes: [UInt8]
    }

    /// One direction.
    private struct Direction {
        var flights: [Flight] = []
        var head = 0
        var freeAt: MediaInstant = .start
        var sent = 0

        var nextArrival: MediaInstant? { head < flights.count ? flights[head].arrivesAt : nil }

        mutating func insert(_ flight: Flight) {
            var index = flights.count
            while index > head, flights[index - 1].arrivesAt > flight.arrivesAt { index -= 1 }
            flights.insert(flight, at: index)
        }

        mutating func arrival(by now: MediaInstant) -> [UInt8]? {
            guard let next = nextArrival, next <= now else { return nil }
            defer {
                head += 1
                if head > 4096 {
                    flights.removeFirst(head)
                    head = 0
                }
            }
            return flights[head].bytes
        }
    }

    /// 20 of IPv4, 8 of UDP, 37 of DTLS 1.2 with GCM.
    private static let overhead = 65

    var left: SCTPAssociation
    var right: SCTPAssociation
    private(set) var now: MediaInstant = .start
    private(set) var received: [(DataChannelID, [UInt8])] = []
    private(set) var receivedBytes = 0
    /// Whether payloads are kept, not only counted.
    var keepsMessages = false
    private let conditions: Conditions
    private var toRight = Direction()
    private var toLeft = Direction()
    private var random: DeterministicRandom

    init(seed: UInt64, conditions: Conditions, configuration: SCTPConfiguration = .init()) {
        self.conditions = conditions
        random = DeterministicRandom(seed: seed)
        left = SCTPAssociation(isDTLSClient: true, configuration: configuration, random: .init(seed: seed &* 2 &+ 1))
        right = SCTPAssociation(isDTLSClient: false, configuration: configuration, random: .init(seed: seed &* 2 &+ 2))
        left.connect(now: now)
        right.connect(now: now)
    }

    /// Lets `duration` pass, unless `condition` holds before; `feed` is asked for more whenever something happened.
    func run(
        for duration: MediaDuration, until condition: () -> Bool = { false }, feed: (BottleneckPath) -> Void = { _ in }
    ) {
        let end = now + duration
        while now < end, !condition() {
            feed(self)
            drain()
            var next = MediaInstant.earliest(toRight.nextArrival, toLeft.nextArrival)
            next = MediaInstant.earliest(next, MediaInstant.earliest(left.deadline, right.deadline))
            now = max(now, min(next ?? end, end))
            while let packet = toRight.arrival(by: now) {
                right.receive(packet.rawSpan, now: now)
                drain()
            }
            while let packet = toLeft.arrival(by: now) {
                left.receive(packet.rawSpan, now: now)
                feed(self)
                drain()
            }
            left.handleTimeout(now: now)
            right.handleTimeout(now: now)
        }
    }

    private func drain() {
        while left.pollEvent() != nil {}
        while let event = right.pollEvent() {
            guard case .message(let id, let payload, _) = event else { continue }
            receivedBytes += payload.count
            if keepsMessages { received.append((id, payload)) }
        }
        while let packet = left.pollTransmit() { launch(packet, into: &toRight) }
        while let packet = right.pollTransmit() { launch(packet, into: &toLeft) }
    }

    private func launch(_ packet: [UInt8], into direction: inout Direction) {
        if conditions.loss > 0, Double.random(in: 0..<1, using: &random) < conditions.loss { return }
        var departsAt = now
        if let rate = conditions.rate {
            let queued = max(direction.freeAt - now, .zero).seconds * Double(rate) / 8
            guard queued < Double(conditions.queueSize) else { return }
            let bits = Int64(packet.count + Self.overhead) * 8
            direction.freeAt = max(direction.freeAt, now) + MediaDuration(nanoseconds: bits * 1_000_000_000 / rate)
            departsAt = direction.freeAt
        }
        let copies = conditions.duplication > 0 && Double.random(in: 0..<1, using: &random) < conditions.duplication
        for _ in 0..<(copies ? 2 : 1) {
            var arrivesAt = departsAt + conditions.delay
            if conditions.jitter > .zero {
                arrivesAt = arrivesAt + random.duration(in: .zero...conditions.jitter)
            }
            direction.insert(Flight(arrivesAt: arrivesAt, order: direction.sent, bytes: packet))
            direction.sent += 1
        }
    }
}
