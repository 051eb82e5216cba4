import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport

extension Figure {
    /// Video and audio both ways for twenty seconds over links that lose in bursts of four; a packet counts as
    /// recovered that came at all, by itself or by NACK and RTX, within the two seconds after.
    static let burstRecovery = Figure(
        name: "burst-recovery", summary: "packets recovered by NACK/RTX at burst loss 1/5/10 % both ways, RTT 50 ms"
    ) { seeds in
        var areGoalsMet = true
        for percent in [1, 5, 10] {
            var sent = 0
            var lost = 0
            var missing = 0
            var failed: [UInt64] = []
            for seed in seeds {
                let result = try BurstRecovery(seed: seed, fraction: Double(percent) / 100).run()
                sent += result.sent
                lost += result.lost
                missing += result.missing
                if result.missing > 0 || result.sent == 0 { failed.append(seed) }
            }
            let isMet = failed.isEmpty
            areGoalsMet = areGoalsMet && isMet
            let share = sent == 0 ? 0 : 100 * Double(sent - missing) / Double(sent)
            print(
                "burst-recovery  loss \(percent) % in bursts of 4: \(sent) packets, \(lost) datagrams lost,"
                    + " \(missing) packets missing, \(share) % there  (\(seeds.count) seeds)"
                    + (failed.isEmpty ? "" : "  seeds \(failed.map(String.init).joined(separator: " "))")
                    + "  goal 100 %: \(verdict(isMet))")
        }
        return areGoalsMet
    }
}

private struct BurstRecovery {
    let seed: UInt64
    let fraction: Double

    func run() throws -> (sent: Int, lost: Int, missing: Int) {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = [.video(bitrate: 1_000_000), .audio]
        configuration.traceCapacity = 0
        let call = try SimulatedCall(configuration)
        guard try call.join() != nil else { return (0, 0, 0) }
        call.startMedia()
        call.run(for: .seconds(1))
        let lostBefore = call.trace.count(.lost)
        call.setConditions(LinkConditions(loss: .bursts(GilbertElliott(losing: fraction, meanBurst: 4))))
        call.run(for: .seconds(20))
        let counts = (call.left.flows + call.right.flows).map(\.sentCount)
        // Loss goes on, and so does media: the last packets of a stream cannot be missed by who does not know of them.
        call.run(for: .seconds(2))
        let receptions =
            call.left.flows.map { call.right.reception(of: $0) } + call.right.flows.map { call.left.reception(of: $0) }
        let missing = zip(receptions, counts).reduce(0) { $0 + $1.0.missing(in: 0..<$1.1) }
        return (counts.reduce(0, +), call.trace.count(.lost) - lostBefore, missing)
    }
}
