import Metrics
import Testing

@testable import LiveKitServerKit

@Suite("Prometheus's text format")
struct PrometheusMetricsTests {
    @Test("Counters, gauges and histograms are written with their types, sorted, with constant labels")
    func writes() {
        let metrics = PrometheusMetrics(constantLabels: [("node_id", "ND_1")], buckets: ["latency_ms": [10, 100]])
        Counter(label: "packets_total", dimensions: [("direction", "incoming")], factory: metrics).increment(by: 3)
        Counter(label: "packets_total", dimensions: [("direction", "incoming")], factory: metrics).increment()
        Gauge(label: "rooms", factory: metrics).record(2.5)
        let meter = Meter(label: "level", factory: metrics)
        meter.increment(by: 4)
        meter.decrement(by: 1)
        for value in [5, 50, 500] {
            Recorder(label: "latency_ms", dimensions: [], aggregate: true, factory: metrics).record(value)
        }
        Metrics.Timer(label: "wait_ms", factory: metrics).recordMilliseconds(7)
        let expected = """
            # TYPE latency_ms histogram
            latency_ms_bucket{node_id="ND_1",le="10"} 1
            latency_ms_bucket{node_id="ND_1",le="100"} 2
            latency_ms_bucket{node_id="ND_1",le="+Inf"} 3
            latency_ms_sum{node_id="ND_1"} 555
            latency_ms_count{node_id="ND_1"} 3
            # TYPE level gauge
            level{node_id="ND_1"} 3
            # TYPE packets_total counter
            packets_total{node_id="ND_1",direction="incoming"} 4
            # TYPE rooms gauge
            rooms{node_id="ND_1"} 2.5
            # TYPE wait_ms histogram
            """
        #expect(metrics.text().hasPrefix(expected + "\n"))
        #expect(metrics.text().contains("wait_ms_sum{node_id=\"ND_1\"} 7\n"))
    }

    @Test("A backend of a program's own has LiveKit's buckets for the server's histograms, unless it names others")
    func serverBuckets() {
        for metrics in [PrometheusMetrics(), PrometheusMetrics(buckets: ["other": [1]])] {
            ServerCounters(metrics).observe(300_000, MetricName.forwardLatency, [])
            #expect(metrics.text().contains("livekit_forward_latency_ns_bucket{le=\"250000\"} 0\n"))
            #expect(metrics.text().contains("livekit_forward_latency_ns_bucket{le=\"500000\"} 1\n"))
            #expect(!metrics.text().contains("node_id"))
        }
        let metrics = PrometheusMetrics(buckets: [MetricName.forwardLatency: [400_000]])
        ServerCounters(metrics).observe(300_000, MetricName.forwardLatency, [])
        #expect(metrics.text().contains("livekit_forward_latency_ns_bucket{le=\"400000\"} 1\n"))
        #expect(!metrics.text().contains("le=\"500000\""))
    }

    @Test("Hostile names and labels cannot break a line")
    func escapes() {
        let metrics = PrometheusMetrics()
        Counter(
            label: "9 bad-name\n", dimensions: [("a b", "x\"\\\ny"), ("long", String(repeating: "é", count: 500))],
            factory: metrics
        ).increment()
        let lines = metrics.text().split(separator: "\n")
        #expect(lines.first == "# TYPE _9_bad_name_ counter")
        #expect(lines.dropFirst().first?.hasPrefix(#"_9_bad_name_{a_b="x\"\\\ny",long="é"#) == true)
        #expect(lines.allSatisfy { $0.utf8.count < 300 } && lines.count == 4)
    }

    @Test("Labels without end share one series, and names without end are left out")
    func bounds() {
        let metrics = PrometheusMetrics()
        for index in 0..<1000 { Counter(label: "c", dimensions: [("id", "\(index)")], factory: metrics).increment() }
        let lines = metrics.text().split(separator: "\n").filter { $0.hasPrefix("c{") }
        #expect(lines.count == PrometheusBounds.seriesOfFamily + 1)
        #expect(lines.contains("c{id=\"other\"} \(1000 - PrometheusBounds.seriesOfFamily)"))
        for index in 0..<1000 { Counter(label: "n\(index)", factory: metrics).increment() }
        let families = metrics.text().split(separator: "\n").filter { $0.hasPrefix("# TYPE n") }
        #expect(families.count == PrometheusBounds.families - 1)
    }

    @Test("One name is one kind")
    func kinds() {
        let metrics = PrometheusMetrics()
        Counter(label: "x", factory: metrics).increment(by: 2)
        Gauge(label: "x", factory: metrics).record(9)
        #expect(metrics.text().contains("x 2\n") && !metrics.text().contains("x 9"))
        #expect(metrics.text().hasSuffix("livekit_metrics_refused_total 1\n"))
    }

    @Test("What is destroyed is not written")
    func destroys() {
        let metrics = PrometheusMetrics()
        let counter = Counter(label: "gone", factory: metrics)
        counter.increment()
        counter.destroy()
        #expect(!metrics.text().contains("gone"))
    }

    @Test("Many threads count without losing one")
    func concurrency() async {
        let metrics = PrometheusMetrics()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "c", factory: metrics).increment()
                        Meter(label: "g", factory: metrics).increment(by: 1)
                    }
                }
            }
        }
        #expect(metrics.text().contains("c 8000\n") && metrics.text().contains("g 8000\n"))
    }
}
