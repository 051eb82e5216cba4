import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport

extension Figure {
    /// Time from the exchange of descriptions until ICE, DTLS and SCTP stand on both sides and a reliable channel is
    /// open, RTT 50 ms, the loss on both directions.
    static let join = Figure(
        name: "join", summary: "ICE + DTLS + SCTP at 0/10/30/50 % loss both ways, RTT 50 ms, without signalling"
    ) { seeds in
        var areGoalsMet = true
        for (percent, goal) in [(0, nil), (10, nil), (30, 3000.0), (50, 15_000.0)] as [(Int, Double?)] {
            var samples = Samples()
            for seed in seeds {
                var configuration = SimulatedCall.Configuration(seed: seed)
                configuration.conditions.loss = .random(Double(percent) / 100)
                configuration.traceCapacity = 0
                let call = try SimulatedCall(configuration)
                samples.add(try call.join()?.asMilliseconds, seed: seed)
            }
            var line = "join  loss \(percent) %: \(samples.line(unit: "ms"))"
            if let goal {
                let isMet = samples.percentile(95) <= goal && samples.failedSeeds.isEmpty
                areGoalsMet = areGoalsMet && isMet
                line += "  goal p95 \(Int(goal)): \(verdict(isMet))"
            }
            print(line)
        }
        return areGoalsMet
    }
}
