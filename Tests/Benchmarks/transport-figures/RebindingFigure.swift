import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport

extension Figure {
    /// The NAT before the left side forgets its mappings in a running call. Each side's longest silence, of audio or
    /// video, from that moment; once with the rebound side controlling ICE, once controlled.
    static let natRebinding = Figure(
        name: "nat-rebinding", summary: "media gap when the NAT of one side is rebound, RTT 50 ms, goal p95 4 s"
    ) { seeds in
        var areGoalsMet = true
        for isControlling in [true, false] {
            var samples = Samples()
            for seed in seeds {
                samples.add(try gap(seed: seed, isControlling: isControlling)?.asMilliseconds, seed: seed)
            }
            let isMet = samples.percentile(95) <= 4000 && samples.failedSeeds.isEmpty
            areGoalsMet = areGoalsMet && isMet
            print(
                "nat-rebinding  rebound side \(isControlling ? "controlling" : "controlled"): "
                    + "\(samples.line(unit: "ms"))  goal p95 4000: \(verdict(isMet))")
        }
        return areGoalsMet
    }

    private static func gap(seed: UInt64, isControlling: Bool) throws -> MediaDuration? {
        var configuration = SimulatedCall.Configuration(seed: seed)
        if isControlling {
            configuration.leftNAT = .portRestricted
        } else {
            configuration.rightNAT = .portRestricted
        }
        configuration.flows = [.video(bitrate: 500_000), .audio]
        configuration.traceCapacity = 0
        let call = try SimulatedCall(configuration)
        guard try call.join() != nil, let nat = isControlling ? call.leftNAT : call.rightNAT else { return nil }
        call.startMedia()
        // Not in step with the two seconds of consent checks.
        call.run(for: .seconds(10) + .milliseconds(Int64(seed % 100) * 37))
        return call.longestSilence(of: .seconds(20)) { call.simulation.network.rebind(nat) }
    }
}

extension SimulatedCall {
    /// The longest silence on either side after `disturb`; `nil` where media is not back at the end.
    func longestSilence(of duration: MediaDuration, after disturb: () throws -> Void) rethrows -> MediaDuration? {
        left.watchGaps(now: now)
        right.watchGaps(now: now)
        try disturb()
        run(for: duration)
        let silence = max(left.longestSilence(now: now), right.longestSilence(now: now))
        return silence < duration - .seconds(1) ? silence : nil
    }
}
