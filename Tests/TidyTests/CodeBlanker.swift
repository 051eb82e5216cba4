/// Replaces comments and string literals by spaces, so that checks see code alone.
///
/// Knows nested comments, raw and multi-line strings, and code inside `\( … )`, which stays.
struct CodeBlanker {
    private enum Place {
        /// Code; in an interpolation, with the parentheses open in it.
        case code(parentheses: Int?)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let input: [UInt8]
    private var output: [UInt8]
    private var index = 0
    private var places: [Place] = [.code(parentheses: nil)]

    static func blank(_ text: String) -> String {
        var blanker = CodeBlanker(text)
        return blanker.run()
    }

    private init(_ text: String) {
        input = Array(text.utf8)
        output = []
        output.reserveCapacity(input.count)
    }

    private mutating func run() -> String {
        while index < input.count {
            switch places.last {
            case .string(let hashes, let isMultiline): readString(hashes, isMultiline)
            case .code(let parentheses): readCode(parentheses)
            case nil: keep(1)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Code

    private mutating func readCode(_ parentheses: Int?) {
        if starts("//") {
            while index < input.count, input[index] != UInt8(ascii: "\n") { blank(1) }
        } else if starts("/*") {
            skipComment()
        } else if let opening = stringOpening() {
            blank(opening.length)
            places.append(.string(hashes: opening.hashes, isMultiline: opening.isMultiline))
        } else if let parentheses {
            readInterpolation(parentheses)
        } else {
            keep(1)
        }
    }

    private mutating func readInterpolation(_ parentheses: Int) {
        switch input[index] {
        case UInt8(ascii: "("):
            places[places.count - 1] = .code(parentheses: parentheses + 1)
        case UInt8(ascii: ")"):
            if parentheses == 1 {
                places.removeLast()
            } else {
                places[places.count - 1] = .code(parentheses: parentheses - 1)
            }
        default: break
        }
        keep(1)
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < input.count
    }

    // MARK: Strings

    private func stringOpening() -> (length: Int, hashes: Int, isMultiline: Bool)? {
        var hashes = 0
        while byte(index + hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard byte(index + hashes) == Self.quote else { return nil }
        let isMultiline = byte(index + hashes + 1) == Self.quote && byte(index + hashes + 2) == Self.quote
        return (hashes + (isMultiline ? 3 : 1), hashes, isMultiline)
    }

    private mutating func readString(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = String(repeating: "\"", count: isMultiline ? 3 : 1) + marks
        if starts(end) || (!isMultiline && input[index] == UInt8(ascii: "\n")) {
            blank(starts(end) ? end.utf8.count : 1)
            places.removeLast()
        } else if starts("\\" + marks + "(") {
            blank(1 + hashes)
            places.append(.code(parentheses: 1))
            keep(1)
        } else if starts("\\" + marks) {
            blank(2 + hashes)
        } else {
            blank(1)
        }
    }

    // MARK: Bytes

    private static let quote = UInt8(ascii: "\"")

    private func byte(_ place: Int) -> UInt8? {
        place < input.count ? input[place] : nil
    }

    private func starts(_ text: String) -> Bool {
        var place = index
        for wanted in text.utf8 {
            guard byte(place) == wanted else { return false }
            place += 1
        }
        return true
    }

    private mutating func keep(_ count: Int) {
        for _ in 0..<count where index < input.count {
            output.append(input[index])
            index += 1
        }
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < input.count {
            output.append(input[index] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            index += 1
        }
    }
}
