internal import Metrics

/// What became of webhooks, in whatever metrics system the process has. The names are LiveKit's.
struct WebhookCounters: Sendable {
    private static let label = "livekit_webhook_dispatch_total"

    private let successes = Counter(label: label, dimensions: [("status", "success"), ("reason", "")])
    private let failures = Counter(label: label, dimensions: [("status", "failure"), ("reason", "")])

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

    /// An event that no journal ever saw.
    func countOverflow() {
        drop("overflow")
    }

    private func drop(_ reason: String) {
        Counter(label: Self.label, dimensions: [("status", "drop"), ("reason", reason)]).increment()
    }
}
