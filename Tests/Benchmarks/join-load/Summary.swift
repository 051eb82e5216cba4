/// How one join went.
struct Join {
    /// From the beginning to the JoinResponse, and until ICE and DTLS stood.
    var answered: Duration?
    var connected: Duration?
    var failure: String?

    /// Whether the server said at once that it takes no more now, which is no failure: it says so that others do not fail.
    var isRefused: Bool {
        failure.map { $0.contains("(status 503)") || $0.contains("opens no WebSocket") } ?? false
    }
}

/// What many joins come to.
struct Summary {
    let text: String

    init(_ joins: [Join], took: Duration) {
        let failures = joins.filter { !$0.isRefused }.compactMap(\.failure)
        let refused = joins.count(where: \.isRefused)
        let done = joins.count - failures.count - refused
        let rate = Int((Double(done) / (took / .seconds(1))).rounded())
        var lines = [
            "joins \(done) of \(joins.count) in \(Self.seconds(took)) s, \(rate)/s; "
                + "refused \(refused), failed \(failures.count)",
            "JoinResponse after " + Self.quantiles(joins.compactMap(\.answered)),
            "connected after    " + Self.quantiles(joins.compactMap(\.connected)),
        ]
        let kinds = Dictionary(grouping: failures) { $0 }.mapValues(\.count).sorted { $0.value > $1.value }
        for (failure, count) in kinds.prefix(5) { lines.append("  \(count) times: \(failure)") }
        text = lines.joined(separator: "\n")
    }

    private static func quantiles(_ durations: [Duration]) -> String {
        guard !durations.isEmpty else { return "- (none)" }
        let sorted = durations.sorted()
        func quantile(_ share: Double) -> String {
            milliseconds(sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)])
        }
        return "median \(quantile(0.5)), p95 \(quantile(0.95)), p99 \(quantile(0.99)), at most \(quantile(1)) ms"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int((duration / .milliseconds(1)).rounded()))"
    }

    private static func seconds(_ duration: Duration) -> String {
        "\((duration / .seconds(1) * 10).rounded() / 10)"
    }
}
