/// Names, labels and numbers as Prometheus's text format writes them.
enum PrometheusText {
    /// Letters, digits, `_` and `:`; no digit in front.
    static func name(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isDigit, name.isEmpty { name = "_" }
            name.unicodeScalars.append(isNameByte(byte) ? Unicode.Scalar(byte) : "_")
        }
        return name.isEmpty ? "_" : name
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    static func value(_ text: String) -> String {
        var value = ""
        for scalar in text.unicodeScalars {
            if value.utf8.count >= PrometheusBounds.labelValueBytes { break }
            switch scalar {
            case "\\": value += "\\\\"
            case "\"": value += "\\\""
            case "\n": value += "\\n"
            default: value.unicodeScalars.append(scalar)
            }
        }
        return value
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        guard let whole = Int64(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }
}

/// The labels of a series, in the order of their names.
struct PrometheusLabels: Hashable, Sendable {
    private let pairs: [Pair]

    private struct Pair: Hashable, Sendable {
        let name: String
        let value: String
    }

    init(_ labels: [(String, String)]) {
        pairs = labels.map { Pair(name: PrometheusText.name($0.0), value: PrometheusText.value($0.1)) }
            .sorted { $0.name < $1.name }
    }

    private init(pairs: [Pair]) {
        self.pairs = pairs
    }

    /// The same names, each with the value `other`.
    var withoutValues: PrometheusLabels {
        PrometheusLabels(pairs: pairs.map { Pair(name: $0.name, value: "other") })
    }

    static func + (left: PrometheusLabels, right: PrometheusLabels) -> PrometheusLabels {
        PrometheusLabels(pairs: left.pairs + right.pairs)
    }

    /// In braces; nothing when there are none.
    var text: String {
        guard !pairs.isEmpty else { return "" }
        return "{" + pairs.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}
