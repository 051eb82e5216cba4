package import LiveKitCore
package import LiveKitRTC
package import LiveKitTestSupport

/// A whole call whose left side sends pictures that follow its congestion control over a bottleneck, and is looked at
/// ten times a second.
package final class CongestedCall {
    /// How the call stands at a time.
    package struct Sample: Hashable, Sendable {
        /// Seconds since media began.
        package var time: Double
        /// The estimate, kilobit each second.
        package var target: Double
        /// What the left side sent since the sample before, kilobit each second.
        package var sent: Double
        /// Of the bottleneck, milliseconds.
        package var queueDelay: Double
        package var limit: BandwidthEstimate.Limit
    }

    package let call: SimulatedCall
    package private(set) var samples: [Sample] = []
    private var changes: [(at: Double, apply: (CongestedCall) -> Void)] = []
    private let start: MediaInstant
    private var sentBytes = 0

    private static let interval: MediaDuration = .milliseconds(100)

    /// Joins over ideal links; then the left side's uplink becomes the bottleneck, and media begins.
    ///
    /// - Returns: `nil` when the call does not come about.
    package init?(
        _ conditions: LinkConditions, delay: MediaDuration, seed: UInt64, maximum: Bitrate = .kilobits(5000),
        configure: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.delay = delay
        configuration.flows = [.adaptiveVideo(maximum: maximum), .audio]
        configuration.rightFlows = [.audio]
        configuration.adjust = { $0.congestionControl = CongestionControlConfiguration() }
        configure(&configuration)
        call = try SimulatedCall(configuration)
        guard try call.join() != nil else { return nil }
        start = call.now
        setBottleneck(conditions)
        call.startMedia()
    }

    package func setBottleneck(_ conditions: LinkConditions) {
        let link = call.simulation.network.uplink(of: call.left.host)
        var next = conditions
        next.delay = call.simulation.network.conditions(of: link).delay
        call.simulation.network.setConditions(next, of: link)
    }

    package func at(seconds: Double, _ apply: @escaping (CongestedCall) -> Void) {
        changes.append((seconds, apply))
        changes.sort { $0.at < $1.at }
    }

    package func run(seconds: Double) {
        while (call.now - start).seconds < seconds - 0.001 {
            while let change = changes.first, (call.now - start).seconds >= change.at - 0.001 {
                changes.removeFirst()
                change.apply(self)
            }
            call.run(for: Self.interval)
            sample()
        }
    }

    private func sample() {
        let link = call.simulation.network.uplink(of: call.left.host)
        let queued = call.simulation.network.queuedBytes(on: link)
        let rate = call.simulation.network.conditions(of: link).rate ?? .max
        let sent = call.left.connection.statistics.bytesSent
        let estimate = call.left.connection.allowance(now: call.now)?.estimate
        samples.append(
            Sample(
                time: (call.now - start).seconds, target: Double(estimate?.target.bitsPerSecond ?? 0) / 1000,
                sent: Double(sent - sentBytes) * 8 / Self.interval.seconds / 1000,
                queueDelay: Double(queued) * 8000 / Double(rate), limit: estimate?.limit ?? .delay))
        sentBytes = sent
    }

    // MARK: Reading the samples

    /// The mean of a quantity over a span of seconds.
    package func mean(_ quantity: (Sample) -> Double, from start: Double, to end: Double) -> Double {
        let chosen = samples.filter { $0.time > start && $0.time <= end }
        return chosen.isEmpty ? 0 : chosen.reduce(0) { $0 + quantity($1) } / Double(chosen.count)
    }

    /// How many seconds after `start` the condition holds for good, or until `end`.
    package func settles(_ condition: (Sample) -> Bool, after start: Double, until end: Double) -> Double {
        let last = samples.last { $0.time > start && $0.time <= end && !condition($0) }
        return last.map { $0.time - start } ?? 0
    }

    /// How many seconds after `start` the condition holds first; `nil` for never.
    package func reaches(_ condition: (Sample) -> Bool, after start: Double) -> Double? {
        samples.first { $0.time > start && condition($0) }.map { $0.time - start }
    }

    /// The longest time without a packet of the pictures, among those since gaps are watched.
    package var longestPause: MediaDuration {
        call.left.flows.filter { $0.shape.kind == .video }.map { call.right.reception(of: $0).silence(now: call.now) }
            .max() ?? .zero
    }
}

/// The call over a cliff: 3 Mbit/s, after 20 s 300 kbit/s, after 50 s 3 Mbit/s again.
package struct CliffCall {
    /// The mean estimate of the five seconds before, of the capacity.
    package var shareBefore: Double
    /// Until the estimate stays at 110 % of the capacity or below.
    package var secondsToFall: Double
    /// Until the queue stays below 200 ms.
    package var secondsToDrain: Double
    /// Until the estimate is at 80 % of the restored capacity.
    package var secondsToReturn: Double
    /// The longest time without a packet of the pictures.
    package var longestPause: Double

    package init?(queueMilliseconds: Int64, seed: UInt64) throws {
        func link(_ rate: Int) -> LinkConditions {
            LinkConditions(rate: rate, queue: .time(.milliseconds(queueMilliseconds)))
        }
        guard let cliff = try CongestedCall(link(3_000_000), delay: .milliseconds(25), seed: seed) else { return nil }
        cliff.at(seconds: 5) { $0.call.right.watchGaps(now: $0.call.now) }
        cliff.at(seconds: 20) { $0.setBottleneck(link(300_000)) }
        cliff.at(seconds: 50) { $0.setBottleneck(link(3_000_000)) }
        cliff.run(seconds: 80)
        shareBefore = cliff.mean(\.target, from: 15, to: 20) / 3000
        secondsToFall = cliff.settles({ $0.target <= 330 }, after: 20, until: 50)
        secondsToDrain = cliff.settles({ $0.queueDelay < 200 }, after: 20, until: 50)
        secondsToReturn = cliff.reaches({ $0.target >= 2400 }, after: 50) ?? .infinity
        longestPause = cliff.longestPause.seconds
    }
}
