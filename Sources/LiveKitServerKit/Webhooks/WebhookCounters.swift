internal import Metrics

/// What became of webhooks. The names are LiveKit's.
struct WebhookCounters: Sendable {
    private static let label = "livekit_webhook_dispatch_total"

    private let successes: Counter
    private let failures: Counter
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        successes = Counter(
            label: Self.label, dimensions: [("status", "success"), ("reason", "")], factory: factory)
        failures = Counter(
            label: Self.label, dimensions: [("status", "failure"), ("reason", "")], factory: factory)
    }

    /// One try; an event has several where the first ones fail.
    func count(_ outcome: WebhookJournal.Outcome) {
        switch outcome {
        case .delivered: successes.increment()
        case .failed, .refused: failures.increment()
        }
    }

    func count(_ reason: WebhookDropReason) {
        drop(reason.rawValue)
    }

    /// An event was queued; so many of its resource wait for the same endpoint now.
    func queued(_ length: Int) {
        Recorder(label: MetricName.webhookQueue, dimensions: [], aggregate: true, factory: factory).record(length)
    }

    /// An event that no journal ever saw.
    func countOverflow() {
        drop("overflow")
    }

    /// An event for an endpoint that names a key which is not here.
    func countUnsigned() {
        drop("unsigned")
    }

    private func drop(_ reason: String) {
        Counter(label: Self.label, dimensions: [("status", "drop"), ("reason", reason)], factory: factory).increment()
    }
}
