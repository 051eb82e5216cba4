package import LiveKitCore
package import LiveKitRTC

/// Flows that share one bottleneck, on a clock that only the scenario moves. Everything random comes from the seed.
package struct CongestionScenario {
    /// How one flow stands at a time.
    package struct Sample: Hashable, Sendable {
        package var time: Double
        /// Kilobit each second.
        package var target: Double
        /// What arrived since the sample before, kilobit each second.
        package var received: Double
        /// What was sent since the sample before, kilobit each second.
        package var sent: Double
        /// Of the link, milliseconds.
        package var queueDelay: Double
        /// Of the sender's pacer, milliseconds.
        package var pacerDelay: Double
    }

    package struct Flow {
        package var demand = Bitrate.kilobits(5000)
        package var startsAt = MediaDuration.zero
        package var feedback = SimulatedReceiver.Feedback.transport
        package var estimator = SendSideBandwidthEstimator.Configuration()

        package init() {}
    }

    /// What happens when.
    package struct Change {
        package var at: MediaDuration
        package var apply: (inout CongestionScenario) -> Void
    }

    private static let sampleInterval: MediaDuration = .milliseconds(100)

    package private(set) var now: MediaInstant
    package var link: Bottleneck
    package private(set) var senders: [SimulatedSender] = []
    package private(set) var samples: [[Sample]] = []
    /// Probability that a feedback packet vanishes.
    package var feedbackLoss = 0.0
    /// The way back.
    package var feedbackDelay: MediaDuration

    private let origin: MediaInstant
    private var receivers: [SimulatedReceiver] = []
    private var feedback = FIFO<(arrivesAt: MediaInstant, flow: Int, bytes: [UInt8])>()
    private var random: DeterministicRandom
    private var changes: [Change] = []
    private var sampledAt: MediaInstant
    private var sampledBytes: [(sent: Int, received: Int)] = []

    package init(_ conditions: Bottleneck.Conditions, flows: [Flow] = [Flow()], seed: UInt64) {
        // The clock does not start at zero, and not on a round number.
        origin = MediaInstant(nanoseconds: 1_000_000_007 &+ Int64(truncatingIfNeeded: seed % 997) &* 1_000_003)
        now = origin
        sampledAt = origin
        link = Bottleneck(conditions, seed: seed &* 3 &+ 1)
        feedbackDelay = conditions.delay
        random = DeterministicRandom(seed: seed &* 3 &+ 2)
        for (index, flow) in flows.enumerated() {
            senders.append(
                SimulatedSender(
                    flow: index, demand: flow.demand, startsAt: origin + flow.startsAt, configuration: flow.estimator,
                    takesFeedback: flow.feedback == .transport, seed: seed &* 31 &+ UInt64(index)))
            receivers.append(SimulatedReceiver(flow.feedback))
        }
        samples = Array(repeating: [], count: flows.count)
        sampledBytes = Array(repeating: (0, 0), count: flows.count)
    }

    package mutating func at(seconds: Double, _ apply: @escaping (inout CongestionScenario) -> Void) {
        changes.append(Change(at: MediaDuration(nanoseconds: Int64(seconds * 1e9)), apply: apply))
        changes.sort { $0.at < $1.at }
    }

    package mutating func setDemand(_ demand: Bitrate, flow: Int = 0) {
        senders[flow].demand = demand
    }

    /// Runs until so much time has passed since the start.
    package mutating func run(seconds: Double) {
        let end = origin + MediaDuration(nanoseconds: Int64(seconds * 1e9))
        while now < end {
            now = max(now, min(nextEvent, end))
            while let change = changes.first, origin + change.at <= now {
                changes.removeFirst()
                change.apply(&self)
            }
            while let packet = link.receive(now: now) { receivers[packet.flow].receive(packet, now: now) }
            sendFeedback()
            deliverFeedback()
            for index in senders.indices {
                var leaving: [Bottleneck.Packet] = []
                if senders[index].deadline <= now { senders[index].advance(now: now) { leaving.append($0) } }
                for packet in leaving { link.send(packet, now: now) }
            }
            if now - sampledAt >= Self.sampleInterval { sample() }
        }
    }

    private var nextEvent: MediaInstant {
        var next = sampledAt + Self.sampleInterval
        next = min(next, link.nextEvent ?? next)
        if let change = changes.first { next = min(next, origin + change.at) }
        if let arrival = feedback.first { next = min(next, arrival.arrivesAt) }
        for receiver in receivers { next = min(next, receiver.deadline ?? next) }
        for sender in senders { next = min(next, sender.deadline) }
        return next
    }

    private mutating func sendFeedback() {
        for index in receivers.indices {
            guard let deadline = receivers[index].deadline, deadline <= now else { continue }
            for packet in receivers[index].poll(now: now) {
                guard Double.random(in: 0..<1, using: &random) >= feedbackLoss else { continue }
                let arrival = max(now + feedbackDelay, feedback.last?.arrivesAt ?? .start)
                feedback.append((arrival, index, RTCPCompound([packet]).encoded()))
            }
        }
    }

    private mutating func deliverFeedback() {
        while let next = feedback.first, next.arrivesAt <= now {
            _ = feedback.popFirst()
            let bytes = next.bytes.rawSpan
            for packet in RTCPCompound(parsing: bytes).packets {
                switch packet {
                case .transportFeedback(let report): senders[next.flow].receive(report, now: now)
                case .receiverReport(let report):
                    for block in report.reports { senders[next.flow].receive(block, now: now) }
                case .receiverEstimatedMaximumBitrate(let estimate):
                    senders[next.flow].receive(Bitrate(bitsPerSecond: Int64(clamping: estimate.bitrate)), now: now)
                default: break
                }
            }
        }
    }

    private mutating func sample() {
        let elapsed = (now - sampledAt).seconds
        sampledAt = now
        for index in senders.indices {
            let (sent, received) = (senders[index].sentBytes, receivers[index].receivedBytes)
            let before = sampledBytes[index]
            sampledBytes[index] = (sent, received)
            samples[index].append(
                Sample(
                    time: (now - origin).seconds,
                    target: Double(senders[index].estimator.estimate.target.bitsPerSecond) / 1000,
                    received: Double(received - before.received) * 8 / elapsed / 1000,
                    sent: Double(sent - before.sent) * 8 / elapsed / 1000,
                    queueDelay: link.queueDelay.seconds * 1000,
                    pacerDelay: senders[index].pacer.longestWait(now: now).seconds * 1000))
        }
    }

    // MARK: Reading the samples

    /// The mean of a quantity over a span of seconds.
    package func mean(
        _ quantity: (Sample) -> Double, from start: Double, to end: Double, flow: Int = 0
    ) -> Double {
        let chosen = samples[flow].filter { $0.time > start && $0.time <= end }
        return chosen.isEmpty ? 0 : chosen.reduce(0) { $0 + quantity($1) } / Double(chosen.count)
    }

    /// The estimate in kilobit each second, as it was then.
    package func target(at time: Double, flow: Int = 0) -> Double {
        samples[flow].last { $0.time <= time + 0.05 }?.target ?? 0
    }

    /// How many seconds after `start` the condition holds for good, or until `end`.
    package func settles(
        _ condition: (Sample) -> Bool, after start: Double, until end: Double, flow: Int = 0
    ) -> Double {
        let span = samples[flow].filter { $0.time > start && $0.time <= end }
        guard let last = span.last(where: { !condition($0) }) else { return 0 }
        return last.time - start
    }

    /// How many seconds after `start` the condition holds first; `nil` for never.
    package func reaches(_ condition: (Sample) -> Bool, after start: Double, flow: Int = 0) -> Double? {
        samples[flow].first { $0.time > start && condition($0) }.map { $0.time - start }
    }
}
