internal import CongestionScenarios
internal import LiveKitCore
internal import LiveKitRTC

/// The figures of congestion control's machines alone: each runs its scenario once for each seed.
enum CongestionFigures {
    static let all: [Figure] = [
        figure("estimate-steady", "estimate on 500, 800 and 100 kbit/s", steadyState),
        figure("estimate-cliff", "estimate over 3 Mbit/s, 300 kbit/s, 3 Mbit/s", bandwidthCliff),
        figure("estimate-ramp-up", "estimate from 300 kbit/s to 3 Mbit/s", rampUp),
        figure("estimate-loss", "estimate on paths that lose 2, 10 and 20 %", randomLoss),
        figure("estimate-reports-only", "estimate without transport-wide feedback", reportsOnly),
        figure("estimate-fairness", "two flows on one path", fairness),
        figure("estimate-application-limited", "estimate with little to send, then much", applicationLimited),
        figure("estimate-feedback-lost", "estimate while no feedback comes, and after", feedbackLost),
    ]

    private static func figure(
        _ name: String, _ summary: String, _ run: @escaping @Sendable ([UInt64]) -> [FigureRow]
    ) -> Figure {
        Figure(name: name, summary: summary) { seeds in
            let rows = run(Array(seeds))
            for row in rows { print(row.text) }
            return rows.allSatisfy(\.isMet)
        }
    }

    /// 500 kbit/s, then 800, then 100 with 200 ms: the estimate after 25, 20 and 20 s of each.
    static func steadyState(seeds: [UInt64]) -> [FigureRow] {
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
            .heading("estimate, kbit/s" + counted(seeds)),
            FigureRow("500 kbit/s, 25 s, goal 450 ± 100", at500, isMet: { abs($0 - 450) <= 100 }),
            FigureRow("800 kbit/s, 20 s, goal 750 ± 150", at800, isMet: { abs($0 - 750) <= 150 }),
            FigureRow("100 kbit/s with 200 ms, 20 s, goal 90 ± 25", at100, isMet: { abs($0 - 90) <= 25 }),
        ]
    }

    /// 3 Mbit/s, 300 kbit/s from 20 s on, 3 Mbit/s again from 50 s on.
    static func bandwidthCliff(seeds: [UInt64]) -> [FigureRow] {
        var lines: [FigureRow] = []
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
                .heading("cliff 3 Mbit/s → 300 kbit/s → 3 Mbit/s, queue of \(limit) ms" + counted(seeds)),
                FigureRow("estimate before, % of capacity", share, isMet: { $0 >= 80 }),
                FigureRow("s until the estimate stays ≤ 110 %, goal 3", fell, isMet: { $0 <= 3 }),
                FigureRow("s until the queue stays < 200 ms, goal 5", drained, isMet: { $0 <= 5 }),
                FigureRow("longest queue after 5 s, ms", longest, isMet: { $0 < 200 }),
                FigureRow("s until ≥ 80 % after restore, goal 20", returned, isMet: { $0 <= 20 }),
            ]
        }
        return lines
    }

    /// From 300 kbit/s at the start to 80 % of 3 Mbit/s.
    static func rampUp(seeds: [UInt64]) -> [FigureRow] {
        var times: [Double] = []
        var means: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.rampUp(seed: seed)
            times.append(scenario.reaches({ $0.target >= 2400 }, after: 0) ?? 99)
            means.append(scenario.mean(\.received, from: 10, to: 30))
        }
        return [
            .heading("ramp-up to 3 Mbit/s" + counted(seeds)),
            FigureRow("s until the estimate is ≥ 80 %, goal 8", times, isMet: { $0 <= 8 }),
            FigureRow("received 10…30 s, kbit/s", means, isMet: { $0 >= 2100 }),
        ]
    }

    /// A path that loses packets whatever is sent.
    static func randomLoss(seeds: [UInt64]) -> [FigureRow] {
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
            .heading("random loss" + counted(seeds)),
            FigureRow("10 %, 1 Mbit/s, 200 ms: estimate after 120 s, goal > 100", ten, isMet: { $0 > 100 }),
            FigureRow("the same, mean of 60…120 s, % of capacity, goal 50", tenMean, isMet: { $0 >= 50 }),
            FigureRow("2 %, 3 Mbit/s: mean of 30…60 s, % of capacity", two, isMet: { $0 >= 70 }),
            FigureRow("20 %, 2 Mbit/s: mean of 20…120 s, kbit/s", twenty, isMet: { $0 > 100 }),
            FigureRow("the same, layer switches for 10 s, goal ≤ 1", swings, isMet: { $0 <= 1 }),
        ]
    }

    /// No transport-wide feedback, receiver reports alone; and with REMB.
    static func reportsOnly(seeds: [UInt64]) -> [FigureRow] {
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
            .heading("peers without transport-wide feedback" + counted(seeds)),
            FigureRow("reports, 20 s without loss, goal ≥ 500 kbit/s", clean, isMet: { $0 >= 500 }),
            FigureRow("then 20 s with 15 % loss, goal ≤ 300 kbit/s", lossy, isMet: { $0 <= 300 }),
            FigureRow("REMB on 1 Mbit/s: mean of 20…40 s, kbit/s", remb, isMet: { $0 >= 600 && $0 <= 1100 }),
        ]
    }

    /// Two flows on 2 Mbit/s, the second 15 s later.
    static func fairness(seeds: [UInt64]) -> [FigureRow] {
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
            .heading("two flows on 2 Mbit/s, 60…120 s" + counted(seeds)),
            FigureRow("larger by smaller, goal 2", ratios, isMet: { $0 <= 2 }),
            FigureRow("capacity used, %", used, isMet: { $0 >= 70 }),
        ]
    }

    /// A minute at 150 kbit/s of 3 Mbit/s, then all that goes.
    static func applicationLimited(seeds: [UInt64]) -> [FigureRow] {
        var least: [Double] = []
        var times: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.applicationLimited(seed: seed)
            least.append(scenario.samples[0].filter { (20...70).contains($0.time) }.map(\.target).min() ?? 0)
            times.append(scenario.reaches({ $0.target >= 2400 }, after: 70) ?? 99)
        }
        return [
            .heading("a minute at 150 kbit/s on 3 Mbit/s, then 5 Mbit/s wanted" + counted(seeds)),
            FigureRow("least estimate in the minute, kbit/s, goal ≥ 300", least, isMet: { $0 >= 300 }),
            FigureRow("s until ≥ 80 % of capacity, goal 8", times, isMet: { $0 <= 8 }),
        ]
    }

    /// The way back breaks for ten seconds.
    static func feedbackLost(seeds: [UInt64]) -> [FigureRow] {
        var during: [Double] = []
        var after: [Double] = []
        for seed in seeds {
            let scenario = CongestionCases.feedbackOutage(seed: seed)
            during.append(scenario.target(at: 30) / max(scenario.target(at: 20), 1) * 100)
            after.append(scenario.target(at: 45) / 10)
        }
        return [
            .heading("no feedback from 20 to 30 s on 1 Mbit/s" + counted(seeds)),
            FigureRow("estimate at 30 s, % of that at 20 s", during, isMet: { $0 < 50 }),
            FigureRow("estimate at 45 s, % of capacity", after, isMet: { $0 >= 50 }),
        ]
    }

    private static func counted(_ seeds: [UInt64]) -> String {
        " (\(seeds.count) seeds)"
    }
}
