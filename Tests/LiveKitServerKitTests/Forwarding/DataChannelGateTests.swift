import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

@Suite("Data channels to slow readers")
struct DataChannelGateTests {
    /// A reader that takes so many bytes in each 10 ms; what waits at the end, and what was refused.
    private static func run(
        _ policy: DataChannelGate.Policy, drain: Int, message: Int, milliseconds: Int = 4000
    ) -> (refused: [DataChannelGate.Refusal], sent: Int, highest: Int) {
        var gate = DataChannelGate(policy)
        var (buffered, sent, highest) = (0, 0, 0)
        var refused: [DataChannelGate.Refusal] = []
        for step in 0..<milliseconds / 10 {
            let now = MediaInstant.start + .milliseconds(Int64(step) * 10)
            buffered = max(0, buffered - drain)
            if let refusal = gate.refusal(buffered: buffered, now: now) {
                refused.append(refusal)
                continue
            }
            buffered += message
            sent += 1
            highest = max(highest, buffered)
            gate.noteSent(byteCount: message, buffered: buffered, now: now)
        }
        return (refused, sent, highest)
    }

    @Test(
        "Who keeps up is sent everything",
        arguments: [
            DataChannelGate.Policy.fresh(within: .milliseconds(100)),
            .fresh(within: nil), .complete(slowestReader: Bitrate(bitsPerSecond: 1_000_000)),
        ])
    func keepsUp(_ policy: DataChannelGate.Policy) {
        #expect(Self.run(policy, drain: 1000, message: 1000).refused.isEmpty)
    }

    @Test("What waits is bounded by the latency at the reader's pace, and never below 8 KiB")
    func latency() {
        // 400 kB/s, of which 100 ms are 40 kB.
        let wide = Self.run(.fresh(within: .milliseconds(100)), drain: 4000, message: 8000)
        #expect(!wide.refused.isEmpty && wide.refused.allSatisfy { $0 == .waitsTooLong })
        #expect((38_000...56_000).contains(wide.highest), "\(wide.highest)")
        // 10 kB/s, of which 100 ms are 1 kB.
        let narrow = Self.run(.fresh(within: .milliseconds(100)), drain: 100, message: 1000)
        #expect((8192...10_240).contains(narrow.highest), "\(narrow.highest)")
    }

    @Test("Without a latency 64 KiB may wait")
    func bytes() {
        let run = Self.run(.fresh(within: nil), drain: 100, message: 1000)
        #expect((65_536...66_600).contains(run.highest), "\(run.highest)")
    }

    @Test("Reliable data is left out only for who takes less than the threshold", arguments: [false, true])
    func slowReader(_ isSlow: Bool) {
        let threshold = Bitrate(bitsPerSecond: isSlow ? 100_000 : 50_000)
        // 80 kbit/s.
        let run = Self.run(.complete(slowestReader: threshold), drain: 100, message: 1000)
        #expect(run.refused.isEmpty != isSlow)
        #expect(run.refused.allSatisfy { $0 == .readerTooSlow })
        #expect(Self.run(.complete(slowestReader: nil), drain: 100, message: 1000).refused.isEmpty)
    }

    @Test("The pace counts times only in which anything waits, and is forgotten after two seconds")
    func drainRate() {
        var drain = DrainRate()
        #expect(drain.rate(now: .start) == nil)
        drain.note(written: 1000, buffered: 1000, now: .start)
        #expect(drain.rate(now: .start) == nil)
        let busy = MediaInstant.start + .milliseconds(100)
        drain.note(written: 1000, buffered: 1500, now: busy)
        #expect(drain.rate(now: busy)?.bitsPerSecond == 40_000)
        let idle = busy + .milliseconds(500)
        drain.note(written: 1000, buffered: 1000, now: idle)
        #expect(drain.rate(now: idle)?.bitsPerSecond == 160_000)
        #expect(drain.rate(now: idle + .seconds(5)) == nil)
    }
}
