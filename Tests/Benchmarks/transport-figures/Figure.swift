import LiveKitCore
import LiveKitTestSupport

/// One figure of the transport, over seeds.
struct Figure: Sendable {
    let name: String
    let summary: String
    /// Prints the figure; `false` when its goal is missed.
    let measure: @Sendable (_ seeds: ClosedRange<UInt64>) throws -> Bool

    static let all: [Figure] =
        [
            .join, .burstRecovery, .natRebinding, .iceRestart, .virtualMinute, .dataChannelThroughput,
            .dataChannelMessages,
            .congestedCall,
        ] + CongestionFigures.all
}

/// Samples of one quantity, one for each seed; a seed without a result counts as the worst.
struct Samples {
    private var values: [Double] = []
    private(set) var failedSeeds: [UInt64] = []

    mutating func add(_ value: Double?, seed: UInt64) {
        values.append(value ?? .infinity)
        if value == nil { failedSeeds.append(seed) }
    }

    var count: Int { values.count }

    /// The nearest-rank percentile.
    func percentile(_ percent: Int) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = (values.count * percent + 99) / 100
        return values.sorted()[max(rank - 1, 0)]
    }

    /// `p50 310 p95 1250 max 1900 ms`, and the seeds that failed.
    func line(unit: String) -> String {
        let numbers = [("p50", 50), ("p95", 95), ("max", 100)]
            .map { "\($0.0) \(Self.text(percentile($0.1)))" }.joined(separator: "  ")
        let failures =
            failedSeeds.isEmpty ? "" : "  FAILED seeds \(failedSeeds.map(String.init).joined(separator: " "))"
        return "\(numbers) \(unit)  (\(count) seeds)\(failures)"
    }

    private static func text(_ value: Double) -> String {
        value.isFinite ? String(Int(value.rounded())) : "never"
    }
}

/// `goal met` or `GOAL MISSED`.
func verdict(_ isMet: Bool) -> String { isMet ? "goal met" : "GOAL MISSED" }

extension MediaDuration {
    var asMilliseconds: Double { Double(nanoseconds) / 1e6 }
}
