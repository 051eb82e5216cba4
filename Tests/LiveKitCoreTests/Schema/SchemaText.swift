/// The messages and enumerations of a `.proto` file of this repository, read line by line.
///
/// Enough for files laid out as ours are, one declaration a line; it is no parser of the language.
struct SchemaText {
    struct Message {
        var name: String
        var fieldNumbers: Set<Int> = []
    }

    private(set) var messages: [Message] = []
    private(set) var enumValues: [String] = []

    private enum Scope { case message(Int), enumeration, other }

    init(_ text: String) {
        var scopes: [Scope] = []
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { " ;".contains($0) })
            if words.last == "{" {
                open(words, &scopes)
            } else if words.last == "{}" {
                open(words, &scopes)
                scopes.removeLast()
            } else if words.first == "}" {
                scopes.removeLast()
            } else if let index = words.firstIndex(of: "="), words.indices.contains(index + 1),
                let number = Int(words[index + 1])
            {
                declare(String(words[index - 1]), number, scopes)
            }
        }
    }

    private mutating func open(_ words: [Substring], _ scopes: inout [Scope]) {
        switch words.first {
        case "message":
            messages.append(Message(name: String(words[1])))
            scopes.append(.message(messages.count - 1))
        case "enum": scopes.append(.enumeration)
        case "oneof": scopes.append(scopes.last ?? .other)
        default: scopes.append(.other)
        }
    }

    private mutating func declare(_ name: String, _ number: Int, _ scopes: [Scope]) {
        switch scopes.last {
        case .message(let index): messages[index].fieldNumbers.insert(number)
        case .enumeration: enumValues.append(name)
        case .other, nil: break
        }
    }
}
