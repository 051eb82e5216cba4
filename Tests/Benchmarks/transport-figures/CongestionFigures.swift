internal import CongestionScenarios
internal import LiveKitCore
internal import LiveKitRTC

/// Congestion control's figures: each runs its scenario once for each seed and returns lines of text.
enum CongestionFigures {
    /// The figures by the name of their subcommand.
    static let all: [(name: String, run: @Sendable ([UInt64]) -> [String])] = [
        ("estimate-steady", steadyState),
        ("bandwidth-cliff", bandwidthCliff),
        ("estimate-ramp-up", rampUp),
        ("estimate-loss", randomLoss),
        ("estimate-reports-only", reportsOnly),
        ("estimate-fairness", fairness),
        ("estimate-application-limited", applicationLimited),
        ("estimate-feedback-lost", feedbackLost),
    ]

    /// 500 kbit/s, then 800, then 100 with 200 ms: the estimate after 25, 20 and 20 s of each.
    static func steadyState(seeds: [UInt64]) -> [String] {
        var at500: [Double] = []
        var at800: [Double] = []
        var at100: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.steadyState(seed: seed)
            at500.append(scenario.target(at: 25))
            at800.append(scenario.target(at: 45))
            at100.append(scenario.target(at: 65))
        }
        return [
            "estimate, kbit/s" + counted(seeds),
            row("500 kbit/s, 25 s, goal 450 ± 100", at500, isMet: { abs($0 - 450) <= 100 }),
            row("800 kbit/s, 20 s, goal 750 ± 150", at800, isMet: { abs($0 - 750) <= 150 }),
            row("100 kbit/s with 200 ms, 20 s, goal 90 ± 25", at100, isMet: { abs($0 - 90) <= 25 }),
        ]
    }

    /// 3 Mbit/s, 300 kbit/s from 20 s on, 3 Mbit/s again from 50 s on.
    static func bandwidthCliff(seeds: [UInt64]) -> [String] {
        var lines: [String] = []
        for limit in [300, 1000] {
            var fell: [Double] = []
            var drained: [Double] = []
            var longest: [Double] = []
            var share: [Double] = []
            var returned: [Double] = []
            for seed in seeds {
                let outcome = CongestionCases.cliff(queueMilliseconds: Int64(limit), seed: seed)
                fell.append(outcome.secondsToFall)
                drained.append(outcome.secondsToDrain)
                longest.append(outcome.longestQueue)
                returned.append(outcome.secondsToReturn)
                share.append(outcome.shareBefore)
            }
            lines += [
                "cliff 3 Mbit/s → 300 kbit/s → 3 Mbit/s, queue of \(limit) ms" + counted(seeds),
                row("estimate before, % of capacity", share, isMet: { $0 >= 80 }),
                row("s until the estimate stays ≤ 110 %, goal 3", fell, isMet: { $0 <= 3 }),
                row("s until the queue stays < 200 ms, goal 5", drained, isMet: { $0 <= 5 }),
                row("longest queue after 5 s, ms", longest, isMet: { $0 < 200 }),
                row("s until ≥ 80 % after restore, goal 20", returned, isMet: { $0 <= 20 }),
            ]
        }
        return lines
    }

    /// From 300 kbit/s at the start to 80 % of 3 Mbit/s.
    static func rampUp(seeds: [UInt64]) -> [String] {
        var times: [Double] = []
        var means: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.rampUp(seed: seed)
            times.append(scenario.reaches({ $0.target >= 2400 }, after: 0) ?? 99)
            means.append(scenario.mean(\.received, from: 10, to: 30))
        }
        return [
            "ramp-up to 3 Mbit/s" + counted(seeds),
            row("s until the estimate is ≥ 80 %, goal 8", times, isMet: { $0 <= 8 }),
            row("received 10…30 s, kbit/s", means, isMet: { $0 >= 2100 }),
        ]
    }

    /// A path that loses packets whatever is sent.
    static func randomLoss(seeds: [UInt64]) -> [String] {
        var ten: [Double] = []
        var tenMean: [Double] = []
        var two: [Double] = []
        var swings: [Double] = []
        var twenty: [Double] = []
        for seed in seeds {
            let atTen = CongestionCases.loss(0.10, kilobits: 1000, delay: 200, seconds: 120, seed: seed)
            ten.append(atTen.target(at: 120))
            tenMean.append(atTen.mean(\.target, from: 60, to: 120) / 10)
            two.append(
                CongestionCases.loss(0.02, kilobits: 3000, delay: 25, seconds: 60, seed: seed)
                    .mean(\.target, from: 30, to: 60) / 30)
            let atTwenty = CongestionCases.loss(0.20, kilobits: 2000, delay: 50, seconds: 120, seed: seed)
            twenty.append(atTwenty.mean(\.target, from: 20, to: 120))
            swings.append(CongestionCases.layerSwitches(atTwenty, from: 20, to: 120))
        }
        return [
            "random loss" + counted(seeds),
            row("10 %, 1 Mbit/s, 200 ms: estimate after 120 s, goal > 100", ten, isMet: { $0 > 100 }),
            row("the same, mean of 60…120 s, % of capacity, goal 50", tenMean, isMet: { $0 >= 50 }),
            row("2 %, 3 Mbit/s: mean of 30…60 s, % of capacity", two, isMet: { $0 >= 70 }),
            row("20 %, 2 Mbit/s: mean of 20…120 s, kbit/s", twenty, isMet: { $0 > 100 }),
            row("the same, layer switches for 10 s, goal ≤ 1", swings, isMet: { $0 <= 1 }),
        ]
    }

    /// No transport-wide feedback, receiver reports alone; and with REMB.
    static func reportsOnly(seeds: [UInt64]) -> [String] {
        var clean: [Double] = []
        var lossy: [Double] = []
        var remb: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.reportsOnly(seed: seed)
            clean.append(scenario.target(at: 20))
            lossy.append(scenario.target(at: 40))
            remb.append(CongestionCases.remb(seed: seed).mean(\.target, from: 20, to: 40))
        }
        return [
            "peers without transport-wide feedback" + counted(seeds),
            row("reports, 20 s without loss, goal ≥ 500 kbit/s", clean, isMet: { $0 >= 500 }),
            row("then 20 s with 15 % loss, goal ≤ 300 kbit/s", lossy, isMet: { $0 <= 300 }),
            row("REMB on 1 Mbit/s: mean of 20…40 s, kbit/s", remb, isMet: { $0 >= 600 && $0 <= 1100 }),
        ]
    }

    /// Two flows on 2 Mbit/s, the second 15 s later.
    static func fairness(seeds: [UInt64]) -> [String] {
        var ratios: [Double] = []
        var used: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.twoFlows(seed: seed)
            let first = scenario.mean(\.received, from: 60, to: 120, flow: 0)
            let second = scenario.mean(\.received, from: 60, to: 120, flow: 1)
            ratios.append(max(first, second) / max(min(first, second), 1))
            used.append((first + second) / 20)
        }
        return [
            "two flows on 2 Mbit/s, 60…120 s" + counted(seeds),
            row("larger by smaller, goal 2", ratios, isMet: { $0 <= 2 }),
            row("capacity used, %", used, isMet: { $0 >= 70 }),
        ]
    }

    /// A minute at 150 kbit/s of 3 Mbit/s, then all that goes.
    static func applicationLimited(seeds: [UInt64]) -> [String] {
        var least: [Double] = []
        var times: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.applicationLimited(seed: seed)
            least.append(scenario.samples[0].filter { (20...70).contains($0.time) }.map(\.target).min() ?? 0)
            times.append(scenario.reaches({ $0.target >= 2400 }, after: 70) ?? 99)
        }
        return [
            "a minute at 150 kbit/s on 3 Mbit/s, then 5 Mbit/s wanted" + counted(seeds),
            row("least estimate in the minute, kbit/s, goal ≥ 300", least, isMet: { $0 >= 300 }),
            row("s until ≥ 80 % of capacity, goal 8", times, isMet: { $0 <= 8 }),
        ]
    }

    /// The way back breaks for ten seconds.
    static func feedbackLost(seeds: [UInt64]) -> [String] {
        var during: [Double] = []
        var after: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.feedbackOutage(seed: seed)
            during.append(scenario.target(at: 30) / max(scenario.target(at: 20), 1) * 100)
            after.append(scenario.target(at: 45) / 10)
        }
        return [
            "no feedback from 20 to 30 s on 1 Mbit/s" + counted(seeds),
            row("estimate at 30 s, % of that at 20 s", during, isMet: { $0 < 50 }),
            row("estimate at 45 s, % of capacity", after, isMet: { $0 >= 50 }),
        ]
    }

    // MARK: Text

    private static func counted(_ seeds: [UInt64]) -> String {
        " (\(seeds.count) seeds)"
    }

    /// Minimum, median, 95th percentile, maximum, and how many seeds meet the goal.
    private static func row(_ title: String, _ values: [Double], isMet: (Double) -> Bool) -> String {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return "  \(title): no seeds" }
        func quantile(_ share: Double) -> Double { sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)] }
        let met = values.count(where: isMet)
        let numbers = [least, quantile(0.5), quantile(0.95), most].map(text)
        return "  \(title): min \(numbers[0]), p50 \(numbers[1]), p95 \(numbers[2]), max \(numbers[3]); "
            + "\(met) of \(values.count) meet it"
    }

    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
