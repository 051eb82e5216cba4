internal import LiveKitProtobuf
internal import SwiftProtobuf

/// Adds to a message's JSON what its fields say that hold nothing, as LiveKit's own server does: `{"rooms":[]}`, zeros,
/// empty texts, and `null` for an absent message. Members of a oneof and optional fields stay away
/// (protojson's `EmitUnpopulated`). SwiftProtobuf has no option for it.
struct UnpopulatedJSON {
    private struct Field {
        let name: [UInt8]
        /// What stands for an absent value; `nil` for nothing.
        let fallback: [UInt8]?
        /// The message that it holds, or that its elements or values are.
        let message: String?

        var isMap: Bool { fallback == Array("{}".utf8) }

        /// `name=default>message`; see ``UnpopulatedFields``.
        init(_ text: Substring) {
            let parts = text.split(separator: ">", maxSplits: 1)
            let named = parts[0].split(separator: "=", maxSplits: 1)
            name = Array(named[0].utf8)
            fallback = named.count > 1 ? Array(named[1].utf8) : nil
            message = parts.count > 1 ? String(parts[1]) : nil
        }
    }

    private static let fields: [String: [Field]] = {
        var fields: [String: [Field]] = [:]
        for line in UnpopulatedFields.table.split(separator: "\n") {
            let words = line.split(separator: " ")
            fields[String(words[0])] = words.dropFirst().map(Field.init)
        }
        return fields
    }()

    private let source: [UInt8]
    private var position = 0
    private var output: [UInt8] = []

    /// The JSON of a message as SwiftProtobuf writes it, which is dense, with all of its fields.
    static func completing(_ json: [UInt8], of message: any Message.Type) -> [UInt8] {
        var writer = UnpopulatedJSON(source: json)
        writer.output.reserveCapacity(json.count * 2)
        writer.object(message.protoMessageName)
        return writer.output
    }

    private init(source: [UInt8]) {
        self.source = source
    }

    // MARK: Values

    /// An object that is a message.
    private mutating func object(_ message: String) {
        guard let fields = Self.fields[message] else { return copy() }
        var values: [[UInt8]: Int] = [:]
        members { name, writer in
            values[name] = writer.position
            writer.skip()
        }
        let end = position
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for field in fields {
            guard let value = values[field.name].map(Value.at) ?? field.fallback.map(Value.fallback) else { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output += [UInt8(ascii: "\"")] + field.name + [UInt8(ascii: "\""), UInt8(ascii: ":")]
            switch value {
            case .fallback(let text): output += text
            case .at(let start):
                position = start
                self.value(of: field)
            }
        }
        output.append(UInt8(ascii: "}"))
        position = end
    }

    private enum Value {
        case at(Int)
        case fallback([UInt8])
    }

    private mutating func value(of field: Field) {
        guard let message = field.message else { return copy() }
        switch current {
        case UInt8(ascii: "["): elements { $0.object(message) }
        case UInt8(ascii: "{") where field.isMap:
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            members { name, writer in
                if !isFirst { writer.output.append(UInt8(ascii: ",")) }
                isFirst = false
                writer.output += [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\""), UInt8(ascii: ":")]
                writer.object(message)
            }
            output.append(UInt8(ascii: "}"))
        default: object(message)
        }
    }

    private mutating func copy() {
        let start = position
        skip()
        output += source[start..<position]
    }

    // MARK: Reading

    private var current: UInt8? { position < source.count ? source[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// Goes over the members of the object at hand. `body` finds the value at hand, and must pass it.
    private mutating func members(_ body: ([UInt8], inout UnpopulatedJSON) -> Void) {
        guard take(UInt8(ascii: "{")) else { return skip() }
        while let byte = current, byte == UInt8(ascii: "\"") {
            let start = position + 1
            skipText()
            let name = Array(source[start..<max(start, position - 1)])
            guard take(UInt8(ascii: ":")) else { return }
            body(name, &self)
            guard take(UInt8(ascii: ",")) else { break }
        }
        _ = take(UInt8(ascii: "}"))
    }

    private mutating func elements(_ body: (inout UnpopulatedJSON) -> Void) {
        guard take(UInt8(ascii: "[")) else { return }
        output.append(UInt8(ascii: "["))
        while let byte = current, byte != UInt8(ascii: "]") {
            body(&self)
            guard take(UInt8(ascii: ",")) else { break }
            output.append(UInt8(ascii: ","))
        }
        _ = take(UInt8(ascii: "]"))
        output.append(UInt8(ascii: "]"))
    }

    /// Passes one value of any kind.
    private mutating func skip() {
        var depth = 0
        repeat {
            switch current {
            case nil: return
            case UInt8(ascii: "\""): skipText()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"): position += 1
            default: skipScalar()
            }
        } while depth > 0
    }

    /// Passes a number, or one of the words.
    private mutating func skipScalar() {
        while let byte = current, ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) {
            position += 1
        }
    }

    private mutating func skipText() {
        position += 1
        while let byte = current, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        position += 1
    }
}
