/// A line of a figure that is told of in several: minimum, median, 95th percentile, maximum, and how many seeds meet the
/// goal.
struct FigureRow {
    let text: String
    let isMet: Bool

    static func heading(_ text: String) -> FigureRow { FigureRow(text: text, isMet: true) }

    private init(text: String, isMet: Bool) {
        self.text = text
        self.isMet = isMet
    }

    init(_ title: String, _ values: [Double], isMet: (Double) -> Bool) {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else {
            self.init(text: "  \(title): no seeds", isMet: false)
            return
        }
        func quantile(_ share: Double) -> Double { sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)] }
        let met = values.count(where: isMet)
        let numbers = [least, quantile(0.5), quantile(0.95), most].map(Self.text)
        self.init(
            text: "  \(title): min \(numbers[0]), p50 \(numbers[1]), p95 \(numbers[2]), max \(numbers[3]); "
                + "\(met) of \(values.count) meet it: \(verdict(met == values.count))",
            isMet: met == values.count)
    }

    private static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "never" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
