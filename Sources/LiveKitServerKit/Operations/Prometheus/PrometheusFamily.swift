/// All series of one name.
struct PrometheusFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// Counts the metrics that were not kept.
    static let refusedName = "livekit_metrics_refused_total"

    let kind: Kind
    private var members: [PrometheusLabels: PrometheusSeries] = [:]

    init(kind: Kind) {
        self.kind = kind
    }

    /// The series with these labels, made when it is new; where there are too many, the one for all others.
    mutating func series(_ labels: PrometheusLabels, make: () -> PrometheusSeries) -> PrometheusSeries {
        var labels = labels
        if let found = members[labels] { return found }
        if members.count >= PrometheusBounds.seriesOfFamily {
            labels = labels.withoutValues
            if let found = members[labels] { return found }
        }
        let made = make()
        members[labels] = made
        return made
    }

    mutating func forget(_ handler: AnyObject) {
        guard let labels = members.first(where: { $0.value.handler === handler })?.key else { return }
        members[labels] = nil
    }

    func write(to text: inout String, name: String, constantLabels: PrometheusLabels) {
        guard !members.isEmpty else { return }
        text += "# TYPE \(name) \(kind.rawValue)\n"
        let written = members.map { (labels: constantLabels + $0.key, series: $0.value) }
            .sorted { $0.labels.text < $1.labels.text }
        for (labels, series) in written {
            switch series {
            case .counter(let counter): text += "\(name)\(labels.text) \(counter.value)\n"
            case .gauge(let gauge): text += "\(name)\(labels.text) \(PrometheusText.number(gauge.value))\n"
            case .histogram(let histogram): histogram.write(to: &text, name: name, labels: labels)
            }
        }
    }
}

/// One series: a name with its labels.
enum PrometheusSeries: Sendable {
    case counter(PrometheusCounter)
    case gauge(PrometheusGauge)
    case histogram(PrometheusHistogram)

    var counter: PrometheusCounter? {
        if case .counter(let counter) = self { counter } else { nil }
    }
    var gauge: PrometheusGauge? {
        if case .gauge(let gauge) = self { gauge } else { nil }
    }
    var histogram: PrometheusHistogram? {
        if case .histogram(let histogram) = self { histogram } else { nil }
    }

    var handler: AnyObject {
        switch self {
        case .counter(let counter): counter
        case .gauge(let gauge): gauge
        case .histogram(let histogram): histogram
        }
    }
}
