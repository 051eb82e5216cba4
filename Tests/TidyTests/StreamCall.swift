/// A place where an `AsyncStream` is made.
struct StreamCall: Sendable {
    let line: Int
    /// The text between the call's parentheses; empty for a trailing closure alone.
    let arguments: String

    var isBounded: Bool {
        arguments.contains("unfolding:")
            || arguments.contains("bufferingPolicy:") && !arguments.contains(".unbounded")
    }

    static func all(in code: String) -> [StreamCall] {
        ["makeStream(", "AsyncStream(", "AsyncThrowingStream(", "AsyncStream {", "AsyncThrowingStream {"]
            .flatMap { calls($0, in: code) } + genericCalls(in: code)
    }

    private static func calls(_ opening: String, in code: String) -> [StreamCall] {
        code.ranges(of: opening).map { call(in: code, openingAt: code.index(before: $0.upperBound)) }
    }

    /// `AsyncStream<Element>(…)` and `AsyncStream<Element> { … }`; the bare type is no call.
    private static func genericCalls(in code: String) -> [StreamCall] {
        ["AsyncStream<", "AsyncThrowingStream<"].flatMap { code.ranges(of: $0) }.compactMap { range in
            var depth = 1
            var place = range.upperBound
            while place < code.endIndex, depth > 0 {
                if code[place] == "<" { depth += 1 }
                if code[place] == ">" { depth -= 1 }
                place = code.index(after: place)
            }
            let rest = code[place...].drop { $0 == " " }
            // The braces behind a computed property's type are no call.
            guard rest.first == "(" || rest.first == "{" && isAssigned(code[..<range.lowerBound]) else { return nil }
            return call(in: code, openingAt: rest.startIndex)
        }
    }

    private static func isAssigned(_ before: Substring) -> Bool {
        let line = before[(before.lastIndex(of: "\n") ?? before.startIndex)...]
        return line.contains("=") || line.contains("return ")
    }

    private static func call(in code: String, openingAt opening: String.Index) -> StreamCall {
        let line = code[..<opening].count { $0 == "\n" } + 1
        guard code[opening] == "(" else { return StreamCall(line: line, arguments: "") }
        var depth = 0
        var place = opening
        while place < code.endIndex {
            if code[place] == "(" { depth += 1 }
            if code[place] == ")" { depth -= 1 }
            if depth == 0 { break }
            place = code.index(after: place)
        }
        return StreamCall(line: line, arguments: String(code[opening..<place]))
    }
}
