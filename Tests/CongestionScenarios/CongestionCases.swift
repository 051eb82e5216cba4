internal import LiveKitCore
internal import LiveKitRTC

/// The scenarios that tests and figures share.
package enum CongestionCases {
    package static func steadyState(seed: UInt64) -> CongestionScenario {
        var scenario = CongestionScenario(.init(kilobits: 500, delay: .milliseconds(100)), seed: seed)
        scenario.at(seconds: 25) { $0.link.conditions = .init(kilobits: 800, delay: .milliseconds(100)) }
        scenario.at(seconds: 45) {
            $0.link.conditions = .init(kilobits: 100, delay: .milliseconds(200))
            $0.feedbackDelay = .milliseconds(200)
        }
        scenario.run(seconds: 65.2)
        return scenario
    }

    package struct CliffOutcome: Hashable, Sendable {
        /// The mean estimate of the five seconds before, of the capacity.
        package var shareBefore: Double
        /// Until the estimate stays at 110 % of the capacity or below.
        package var secondsToFall: Double
        /// Until the queue stays below 200 ms.
        package var secondsToDrain: Double
        /// Milliseconds, from five seconds after the fall until the restoration.
        package var longestQueue: Double
        /// Until the estimate first is at 80 % of the restored capacity.
        package var secondsToReturn: Double
    }

    package static func cliff(queueMilliseconds: Int64, seed: UInt64) -> CliffOutcome {
        let limit = MediaDuration.milliseconds(queueMilliseconds)
        let high = Bottleneck.Conditions(kilobits: 3000, delay: .milliseconds(25), queueLimit: limit)
        let low = Bottleneck.Conditions(kilobits: 300, delay: .milliseconds(25), queueLimit: limit)
        var scenario = CongestionScenario(high, seed: seed)
        scenario.at(seconds: 20) { $0.link.conditions = low }
        scenario.at(seconds: 50) { $0.link.conditions = high }
        scenario.run(seconds: 80)
        let late = scenario.samples[0].filter { $0.time > 25 && $0.time <= 50 }
        return CliffOutcome(
            shareBefore: scenario.mean(\.target, from: 15, to: 20) / 30,
            secondsToFall: scenario.settles({ $0.target <= 330 }, after: 20, until: 50),
            secondsToDrain: scenario.settles({ $0.queueDelay < 200 }, after: 20, until: 50),
            longestQueue: late.map(\.queueDelay).max() ?? 0,
            secondsToReturn: scenario.reaches({ $0.target >= 2400 }, after: 50) ?? 99)
    }

    package static func rampUp(seed: UInt64) -> CongestionScenario {
        var scenario = CongestionScenario(.init(kilobits: 3000, delay: .milliseconds(25)), seed: seed)
        scenario.run(seconds: 30)
        return scenario
    }

    package static func loss(
        _ share: Double, kilobits: Double, delay: Int64, seconds: Double, seed: UInt64
    ) -> CongestionScenario {
        var scenario = CongestionScenario(
            .init(kilobits: kilobits, delay: .milliseconds(delay), loss: share), seed: seed)
        scenario.run(seconds: seconds)
        return scenario
    }

    /// How often in ten seconds a sender that switches a layer of 500 kbit/s on at 115 % and off at 100 % would switch.
    package static func layerSwitches(_ scenario: CongestionScenario, from start: Double, to end: Double) -> Double {
        let span = scenario.samples[0].filter { $0.time > start && $0.time <= end }
        var isOn = (span.first?.target ?? 0) > 575
        var switches = 0
        for sample in span where isOn ? sample.target < 500 : sample.target > 575 {
            isOn.toggle()
            switches += 1
        }
        return Double(switches) * 10 / (end - start)
    }

    package static func reportsOnly(seed: UInt64) -> CongestionScenario {
        var flow = CongestionScenario.Flow()
        flow.feedback = .reports
        var scenario = CongestionScenario(
            .init(kilobits: 2000, delay: .milliseconds(50)), flows: [flow], seed: seed)
        scenario.at(seconds: 20) { $0.link.conditions.loss = 0.15 }
        scenario.run(seconds: 40.2)
        return scenario
    }

    package static func remb(seed: UInt64) -> CongestionScenario {
        var flow = CongestionScenario.Flow()
        flow.feedback = .remb
        var scenario = CongestionScenario(
            .init(kilobits: 1000, delay: .milliseconds(50)), flows: [flow], seed: seed)
        scenario.run(seconds: 40)
        return scenario
    }

    package static func twoFlows(seed: UInt64) -> CongestionScenario {
        var second = CongestionScenario.Flow()
        second.startsAt = .seconds(15)
        var scenario = CongestionScenario(
            .init(kilobits: 2000, delay: .milliseconds(25)), flows: [.init(), second], seed: seed)
        scenario.run(seconds: 120)
        return scenario
    }

    package static func applicationLimited(seed: UInt64) -> CongestionScenario {
        var flow = CongestionScenario.Flow()
        flow.demand = .kilobits(150)
        var scenario = CongestionScenario(
            .init(kilobits: 3000, delay: .milliseconds(25)), flows: [flow], seed: seed)
        scenario.at(seconds: 70) { $0.setDemand(.kilobits(5000)) }
        scenario.run(seconds: 90)
        return scenario
    }

    package static func feedbackOutage(seed: UInt64) -> CongestionScenario {
        var scenario = CongestionScenario(.init(kilobits: 1000, delay: .milliseconds(50)), seed: seed)
        scenario.at(seconds: 20) { $0.feedbackLoss = 1 }
        scenario.at(seconds: 30) { $0.feedbackLoss = 0 }
        scenario.run(seconds: 50)
        return scenario
    }
}
