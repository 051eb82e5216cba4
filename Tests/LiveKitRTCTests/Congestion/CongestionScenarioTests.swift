import CongestionScenarios
import LiveKitCore
import Testing

@testable import LiveKitRTC

/// The machines alone, on a simulated bottleneck. `make figures` runs the same over many seeds.
@Suite("Send-side bandwidth estimation, draft-ietf-rmcat-gcc")
struct CongestionScenarioTests {
    private static let seeds = 1...2 as ClosedRange<UInt64>

    @Test("The estimate settles near 500, 800 and 100 kbit/s", arguments: seeds)
    func settles(seed: UInt64) {
        let scenario = CongestionCases.steadyState(seed: seed)
        #expect((350...550).contains(scenario.target(at: 25)))
        #expect((600...900).contains(scenario.target(at: 45)))
        #expect((65...115).contains(scenario.target(at: 65)))
    }

    @Test("Over a cliff it falls within three seconds, drains within five, and returns within ten", arguments: seeds)
    func followsCliffs(seed: UInt64) {
        let outcome = CongestionCases.cliff(queueMilliseconds: 300, seed: seed)
        #expect(outcome.secondsToFall <= 3)
        #expect(outcome.secondsToDrain <= 5)
        #expect(outcome.secondsToReturn <= 10)
    }

    @Test("Ten percent of loss leave more than 100 kbit/s, twenty do not toggle layers", arguments: seeds)
    func bearsLoss(seed: UInt64) {
        let ten = CongestionCases.loss(0.10, kilobits: 1000, delay: 200, seconds: 120, seed: seed)
        #expect(ten.target(at: 120) > 100)
        let twenty = CongestionCases.loss(0.20, kilobits: 2000, delay: 50, seconds: 120, seed: seed)
        #expect(CongestionCases.layerSwitches(twenty, from: 20, to: 120) <= 1)
    }

    @Test("Receiver reports alone let it grow and fall; REMB caps it", arguments: seeds)
    func servesPeersWithoutTransportFeedback(seed: UInt64) {
        let reports = CongestionCases.reportsOnly(seed: seed)
        #expect(reports.target(at: 20) >= 500)
        #expect(reports.target(at: 40) <= 300)
        let mean = CongestionCases.remb(seed: seed).mean(\.target, from: 20, to: 40)
        #expect((600...1100).contains(mean))
    }

    @Test("Feedback about packets of five minutes ago changes nothing")
    func ignoresLateFeedback() {
        var estimator = SendSideBandwidthEstimator()
        var now = MediaInstant.start + .seconds(1)
        for number in 0..<1000 as Range<UInt16> {
            estimator.onPacketSent(SequenceNumber(rawValue: number), byteCount: 1200, now: now)
            now = now + .milliseconds(20)
        }
        let before = estimator.estimate
        now = now + .seconds(299)
        for base in stride(from: 0, to: 1000, by: 100) as StrideTo<UInt16> {
            estimator.onFeedback(
                TransportFeedback(
                    sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2), base: SequenceNumber(rawValue: base),
                    statusCount: 100, referenceTime: 99, feedbackCount: 0,
                    arrivals: (0..<100).map { .init(offset: $0, delta: 80) }), now: now)
        }
        #expect(estimator.estimate == before)
    }
}
