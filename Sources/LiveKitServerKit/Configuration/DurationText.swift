/// Durations as LiveKit's files write them: `500ms`, `7.5s`, `1h30m`.
enum DurationText {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]
    /// What no timer of ours needs: a year.
    private static let longest = 365.0 * 24 * 3600 * 1e9

    /// `nil` for whatever is not one. A number without a unit counts nanoseconds, as it does for LiveKit.
    static func parse(_ text: String) -> Duration? {
        if let nanoseconds = Int64(text), nanoseconds >= 0, Double(nanoseconds) <= longest {
            return .nanoseconds(nanoseconds)
        }
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
            rest = rest.dropFirst(name.count)
            guard let number = Double(digits), let unit = units.first(where: { $0.name == name }) else { return nil }
            total += number * unit.nanoseconds
        }
        guard total <= longest else { return nil }
        return .nanoseconds(Int64(total))
    }
}
