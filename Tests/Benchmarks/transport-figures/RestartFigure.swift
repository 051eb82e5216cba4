import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport

extension Figure {
    /// An ICE restart in a running call, signalled in one round trip of 50 ms: once on a path that stays as it is, once
    /// as a hand-over, when the left side's NAT has another public address from now on and the client restarts at once.
    static let iceRestart = Figure(
        name: "ice-restart", summary: "media gap of an ICE restart, in place and as hand-over, goal p95 1 s"
    ) { seeds in
        var areGoalsMet = true
        for isHandover in [false, true] {
            var samples = Samples()
            for seed in seeds {
                samples.add(try gap(seed: seed, isHandover: isHandover)?.asMilliseconds, seed: seed)
            }
            let isMet = samples.percentile(95) <= 1000 && samples.failedSeeds.isEmpty
            areGoalsMet = areGoalsMet && isMet
            print(
                "ice-restart  \(isHandover ? "hand-over to another address" : "in place"): "
                    + "\(samples.line(unit: "ms"))  goal p95 1000: \(verdict(isMet))")
        }
        return areGoalsMet
    }

    private static func gap(seed: UInt64, isHandover: Bool) throws -> MediaDuration? {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.leftNAT = .portRestricted
        configuration.flows = [.video(bitrate: 500_000), .audio]
        configuration.traceCapacity = 0
        let call = try SimulatedCall(configuration)
        guard try call.join() != nil, let nat = call.leftNAT else { return nil }
        call.startMedia()
        call.run(for: .seconds(10) + .milliseconds(Int64(seed % 100) * 37))
        return try call.longestSilence(of: .seconds(20)) {
            if isHandover {
                call.simulation.network.rebind(nat, to: TransportAddress(ipv4: 0xCB00_7107, port: 0))
            }
            try call.restartICE(roundTrip: .milliseconds(50))
        }
    }
}
