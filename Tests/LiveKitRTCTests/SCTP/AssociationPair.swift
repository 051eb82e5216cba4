import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

/// Two associations at the ends of one simulated link.
final class AssociationPair {
    var left: SCTPAssociation
    var right: SCTPAssociation
    var link: SimulatedLink<[UInt8]>
    var leftEvents: [SCTPEvent] = []
    var rightEvents: [SCTPEvent] = []
    /// Sees each packet before the link does; what it refuses is lost.
    var passes: ((SimulatedLink<[UInt8]>.Host, [UInt8]) -> Bool)?
    var packets = 0
    /// Whether the right side's owner is too busy to take its events.
    var holdsRightEvents = false

    init(
        seed: UInt64, conditions: SimulatedLink<[UInt8]>.Conditions = .init(),
        left: SCTPConfiguration = .init(), right: SCTPConfiguration = .init()
    ) {
        self.left = SCTPAssociation(
            isDTLSClient: true, configuration: left, random: DeterministicRandom(seed: seed &* 2 &+ 1))
        self.right = SCTPAssociation(
            isDTLSClient: false, configuration: right, random: DeterministicRandom(seed: seed &* 2 &+ 2))
        link = SimulatedLink(seed: seed, conditions: conditions)
    }

    var now: MediaInstant { link.now }
    var areConnected: Bool { left.isConnected && right.isConnected }
    var areEnded: Bool { left.isEnded && right.isEnded && left.deadline == nil && right.deadline == nil }
    var leftBufferedBytes: Int { left.bufferedBytes }
    var leftDeadline: MediaInstant? { left.deadline }
    var leftRoundTrip: MediaDuration? { left.roundTripTime }

    /// A pair that is connected over a perfect link, which then turns to `conditions`.
    static func connected(
        seed: UInt64, conditions: SimulatedLink<[UInt8]>.Conditions = .init(),
        left: SCTPConfiguration = .init(), right: SCTPConfiguration = .init()
    ) -> AssociationPair {
        let pair = AssociationPair(seed: seed, left: left, right: right)
        pair.left.connect(now: pair.now)
        pair.right.connect(now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.areConnected)
        pair.link.conditions = conditions
        return pair
    }

    /// Takes out what both sides have to say.
    func drain() {
        while let event = left.pollEvent() { leftEvents.append(event) }
        while !holdsRightEvents, let event = right.pollEvent() { rightEvents.append(event) }
        while let packet = left.pollTransmit() { send(packet, to: .right) }
        while let packet = right.pollTransmit() { send(packet, to: .left) }
    }

    private func send(_ packet: [UInt8], to host: SimulatedLink<[UInt8]>.Host) {
        packets += 1
        if packet.count > 1191 { Issue.record("a packet of \(packet.count) bytes") }
        if passes?(host, packet) ?? true { link.send(packet, to: host) }
    }

    /// Lets time pass, at most until `condition` holds.
    func run(for duration: MediaDuration, until condition: (AssociationPair) -> Bool = { _ in false }) {
        let end = now + duration
        var stuck = 0
        drain()
        while now < end, !condition(self) {
            let before = now
            link.advance(to: MediaInstant.earliest(left.deadline, right.deadline), end: end)
            step()
            stuck = now == before ? stuck + 1 : 0
            guard stuck < 1000 else {
                Issue.record("time stands still at \(now)")
                return
            }
        }
    }

    private func step() {
        for (host, packet) in link.arrivals() {
            switch host {
            case .left: left.receive(packet.rawSpan, now: now)
            case .right: right.receive(packet.rawSpan, now: now)
            }
            drain()
        }
        left.handleTimeout(now: now)
        right.handleTimeout(now: now)
        drain()
        for deadline in [left.deadline, right.deadline] {
            if let deadline, deadline <= now { Issue.record("a deadline that does not move on") }
        }
    }
}

extension [SCTPEvent] {
    /// The payloads that arrived on one channel.
    func messages(on id: DataChannelID) -> [[UInt8]] {
        compactMap { event in
            if case .message(id, let payload, _) = event { payload } else { nil }
        }
    }

    var opened: [DataChannel] {
        compactMap { event in
            if case .channelOpened(let channel) = event { channel } else { nil }
        }
    }
}

/// A message whose content says which it is.
func numbered(_ number: Int, size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 < 4 ? number >> ($0 * 8) : $0 &+ number) }
}

extension SimulatedLink.Conditions {
    /// Loss, reordering within a quarter of the delay, some duplication.
    static func rough(loss: Double, delayMilliseconds: Int64 = 30) -> Self {
        .init(
            loss: loss, duplication: 0.02,
            delay: .milliseconds(delayMilliseconds) ... .milliseconds(delayMilliseconds * 5 / 4))
    }
}
