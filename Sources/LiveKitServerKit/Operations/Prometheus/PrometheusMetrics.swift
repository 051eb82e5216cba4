public import Metrics
internal import Synchronization

/// A swift-metrics backend that keeps its values in memory and writes them in Prometheus's text format.
///
/// A ``LiveKitServer`` with `prometheus.port` makes one of its own and serves it. A program that wants the metrics of all
/// its libraries bootstraps one itself and serves ``text()``:
///
/// ```swift
/// let metrics = PrometheusMetrics()
/// MetricsSystem.bootstrap(metrics)
/// ```
///
/// Names and labels are made to fit Prometheus. Values can be added from any thread; a name that is used for two kinds of
/// metric, and whatever is beyond the bounds of ``PrometheusBounds``, is left out and counted.
public final class PrometheusMetrics: MetricsFactory, Sendable {
    private struct State {
        var families: [String: PrometheusFamily] = [:]
        var refused = 0
    }

    private let state = Mutex(State())
    private let constantLabels: PrometheusLabels
    private let buckets: [String: [Double]]

    /// Creates an empty backend.
    ///
    /// - Parameters:
    ///   - constantLabels: Labels that every series has. A server tells none of its own: who wants `node_id` and
    ///     `node_type` gives them here.
    ///   - buckets: The upper bounds of a histogram's buckets by its name. The server's histograms have LiveKit's where
    ///     they are not named here, and others those of ``PrometheusBounds/buckets``.
    public init(constantLabels: [(String, String)] = [], buckets: [String: [Double]] = [:]) {
        self.constantLabels = PrometheusLabels(constantLabels)
        self.buckets = MetricName.buckets.merging(buckets) { _, given in given }
    }

    // MARK: Making

    /// A counter, or one that nobody sees when the bounds are reached.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { .counter(PrometheusCounter()) }?.counter ?? PrometheusCounter()
    }

    /// A gauge that can go up and down.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { .gauge(PrometheusGauge()) }?.gauge ?? PrometheusGauge()
    }

    /// A histogram where values are aggregated, else a gauge.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else {
            return series(label, dimensions, .gauge) { .gauge(PrometheusGauge()) }?.gauge ?? PrometheusGauge()
        }
        return histogram(label, dimensions)
    }

    /// A histogram of seconds; of milliseconds or microseconds when the label ends in `_ms` or `_us`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let unit = label.hasSuffix("_ms") ? 1e6 : label.hasSuffix("_us") ? 1e3 : 1e9
        return PrometheusTimer(histogram: histogram(label, dimensions), nanosecondsInUnit: unit)
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> PrometheusHistogram {
        let bounds = buckets[label] ?? PrometheusBounds.buckets
        let made = series(label, dimensions, .histogram) { .histogram(PrometheusHistogram(bounds: bounds)) }
        return made?.histogram ?? PrometheusHistogram(bounds: bounds)
    }

    private func series(
        _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusFamily.Kind,
        make: () -> PrometheusSeries
    ) -> PrometheusSeries? {
        let name = PrometheusText.name(label)
        let labels = PrometheusLabels(dimensions)
        return state.withLock { state in
            if state.families[name] == nil, state.families.count < PrometheusBounds.families {
                state.families[name] = PrometheusFamily(kind: kind)
            }
            guard state.families[name]?.kind == kind else {
                state.refused += 1
                return nil
            }
            return state.families[name]?.series(labels, make: make)
        }
    }

    // MARK: Ending

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    /// Forgets a histogram or a gauge.
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    /// Forgets a histogram of durations.
    public func destroyTimer(_ handler: any TimerHandler) {
        guard let timer = handler as? PrometheusTimer else { return }
        forget(timer.histogram)
    }

    private func forget(_ handler: AnyObject) {
        state.withLock { state in
            for name in state.families.keys { state.families[name]?.forget(handler) }
        }
    }

    // MARK: Reading

    /// The metrics in Prometheus's text format, version 0.0.4, sorted by name.
    public func text() -> String {
        let (families, refused) = state.withLock { ($0.families, $0.refused) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            family.write(to: &text, name: name, constantLabels: constantLabels)
        }
        let own = PrometheusFamily.refusedName
        text += "# TYPE \(own) counter\n\(own)\(constantLabels.text) \(refused)\n"
        return text
    }
}
