internal import Metrics

/// Where a server counts, and what it shows of it.
struct ServerMetrics: Sendable {
    let factory: any MetricsFactory
    /// What `/metrics` shows.
    let served: PrometheusMetrics?

    init(_ configuration: LiveKitServerConfiguration, given: (any MetricsFactory)?, nodeID: String) {
        let base = given ?? MetricsSystem.factory
        if let own = base as? PrometheusMetrics {
            (factory, served) = (base, own)
        } else if configuration.prometheus.port > 0 {
            let own = PrometheusMetrics(constantLabels: [("node_id", nodeID), ("node_type", "SERVER")])
            // The process's own backend still hears everything.
            (factory, served) = (MultiplexMetricsHandler(factories: [base, own]), own)
        } else {
            (factory, served) = (base, nil)
        }
    }
}
