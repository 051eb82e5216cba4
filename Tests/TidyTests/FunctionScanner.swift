/// Finds functions, initialisers and deinitialisers in blanked code, and how many lines each is.
struct FunctionScanner {
    struct Function: Sendable {
        let name: String
        let line: Int
        let lineCount: Int
    }

    private let code: [UInt8]
    private var index = 0
    private var line = 1
    private var functions: [Function] = []

    static func functions(in code: String) -> [Function] {
        var scanner = FunctionScanner(code: Array(code.utf8))
        return scanner.run()
    }

    private init(code: [UInt8]) {
        self.code = code
    }

    private mutating func run() -> [Function] {
        while index < code.count {
            guard let word = readWord() else {
                advance()
                continue
            }
            switch word {
            case "func": measure(readName())
            case "init" where !isCall: measure("init")
            case "deinit" where !isCall: measure("deinit")
            default: break
            }
        }
        return functions
    }

    /// A word just read is a call if a dot stands before it.
    private var isCall = false

    /// Reads the identifier at the index, if one starts here.
    private mutating func readWord() -> String? {
        guard Self.isLetter(code[index]) else { return nil }
        isCall = index > 0 && code[index - 1] == UInt8(ascii: ".")
        let start = index
        while index < code.count, Self.isLetter(code[index]) { index += 1 }
        return String(decoding: code[start..<index], as: UTF8.self)
    }

    private mutating func readName() -> String {
        while index < code.count, Self.isSpace(code[index]) { advance() }
        let start = index
        while index < code.count, !Self.isSpace(code[index]), code[index] != UInt8(ascii: "(") { index += 1 }
        return String(decoding: code[start..<index], as: UTF8.self)
    }

    /// Looks from a declaration's head for its body, without moving: functions lie inside functions.
    private mutating func measure(_ name: String) {
        var place = index
        var brackets = 0
        var end = line
        while place < code.count {
            switch code[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): brackets -= 1
            case UInt8(ascii: "{") where brackets == 0:
                end += newlinesInBody(at: place)
                functions.append(Function(name: name, line: line, lineCount: end - line + 1))
                return
            case UInt8(ascii: "}") where brackets == 0: return
            case UInt8(ascii: "\n"):
                end += 1
                if brackets == 0, !continues(after: place) { return }
            default: break
            }
            place += 1
        }
    }

    /// A requirement of a protocol ends with its line; a declaration goes on with `{`, `->`, `where`, `throws`, `async`.
    private func continues(after newline: Int) -> Bool {
        var place = newline + 1
        while place < code.count, Self.isSpace(code[place]) { place += 1 }
        let rest = String(decoding: code[place..<min(place + 6, code.count)], as: UTF8.self)
        return ["{", "->", "where", "throws", "async", "("].contains { rest.hasPrefix($0) }
    }

    private func newlinesInBody(at opening: Int) -> Int {
        var depth = 0
        var newlines = 0
        for byte in code[opening...] {
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            if byte == UInt8(ascii: "\n") { newlines += 1 }
            if depth == 0 { break }
        }
        return newlines
    }

    private mutating func advance() {
        if code[index] == UInt8(ascii: "\n") { line += 1 }
        index += 1
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
    }
}
