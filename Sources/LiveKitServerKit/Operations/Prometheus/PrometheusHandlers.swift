internal import Metrics
internal import Synchronization

/// Counts up, without a lock.
final class PrometheusCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }
}

/// A value that goes up and down, without a lock.
final class PrometheusGauge: MeterHandler, RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }

    func decrement(by amount: Double) { increment(by: -amount) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// How often values fell under each of some bounds.
final class PrometheusHistogram: RecorderHandler {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds.sorted()
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func write(to text: inout String, name: String, labels: PrometheusLabels) {
        let state = state.withLock { $0 }
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, state.counts) {
            total += count
            let bucket = labels + PrometheusLabels([("le", PrometheusText.number(bound))])
            text += "\(name)_bucket\(bucket.text) \(total)\n"
        }
        text += "\(name)_bucket\((labels + PrometheusLabels([("le", "+Inf")])).text) \(state.count)\n"
        text += "\(name)_sum\(labels.text) \(PrometheusText.number(state.sum))\n"
        text += "\(name)_count\(labels.text) \(state.count)\n"
    }
}

/// Durations, in a histogram.
final class PrometheusTimer: TimerHandler {
    let histogram: PrometheusHistogram
    private let nanosecondsInUnit: Double

    init(histogram: PrometheusHistogram, nanosecondsInUnit: Double) {
        self.histogram = histogram
        self.nanosecondsInUnit = nanosecondsInUnit
    }

    func recordNanoseconds(_ duration: Int64) {
        histogram.record(Double(duration) / nanosecondsInUnit)
    }
}
