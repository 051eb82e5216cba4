import Glibc
import LiveKitCore
import LiveKitRTC
import LiveKitTestCalls
import LiveKitTestSupport

extension Figure {
    /// CPU time of one virtual minute of a call, joining included: 2 Mbit/s of video and audio each way, under congestion
    /// control and without it.
    static let virtualMinute = Figure(
        name: "minute",
        summary: "CPU time of a virtual minute, 2 Mbit/s video and audio each way, with and without SRTP"
    ) { seeds in
        var areGoalsMet = true
        for (protects, isControlled, goal) in [
            (true, false, 1000.0), (false, false, 300.0), (true, true, 1000.0), (false, true, 300.0),
        ] {
            var samples = Samples()
            var packets = 0
            // The first call pays for what is made once for the process.
            _ = try minute(seed: 0, protects: protects, isControlled: isControlled)
            for seed in seeds {
                let start = processorTime()
                guard let delivered = try minute(seed: seed, protects: protects, isControlled: isControlled)
                else {
                    samples.add(nil, seed: seed)
                    continue
                }
                packets = delivered
                samples.add((processorTime() - start) * 1000, seed: seed)
            }
            let isMet = samples.percentile(50) <= goal && samples.failedSeeds.isEmpty
            areGoalsMet = areGoalsMet && isMet
            print(
                "minute  \(protects ? "real DTLS and SRTP" : "real DTLS, SRTP stubbed out")"
                    + "\(isControlled ? ", congestion control" : ""): "
                    + "\(samples.line(unit: "ms CPU"))  \(packets) datagrams"
                    + "  goal p50 \(Int(goal)): \(verdict(isMet))")
        }
        return areGoalsMet
    }

    private static func minute(seed: UInt64, protects: Bool, isControlled: Bool) throws -> Int? {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = [.video(bitrate: 2_000_000), .audio]
        configuration.protectsPackets = protects
        if isControlled { configuration.adjust = { $0.congestionControl = CongestionControlConfiguration() } }
        let call = try SimulatedCall(configuration)
        guard try call.join() != nil else { return nil }
        call.startMedia()
        call.run(for: .seconds(60))
        let isWhole = call.left.flows.allSatisfy {
            call.right.reception(of: $0).missing(in: 0..<($0.sentCount - 20)) == 0
        }
        return isWhole ? call.trace.count(.delivered) : nil
    }

    private static func processorTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
