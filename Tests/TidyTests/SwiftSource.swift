import Foundation

/// A Swift file, with what the checks ask about it.
struct SwiftSource: Sendable {
    let path: String
    let text: String
    /// The same text, in which comments and string literals are spaces. Lines stay where they are.
    let code: String

    init(_ file: SourceFile) {
        path = file.path
        text = file.text
        code = CodeBlanker.blank(file.text)
    }

    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

    /// The target that the file belongs to: `LiveKitCore`, `demo-server`.
    var target: String {
        String(path.split(separator: "/").dropFirst().first ?? "")
    }

    /// The numbers of the lines in which a regular expression matches code.
    func lines(matching pattern: String) -> [Int] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [0] }
        let text = code as NSString
        return expression.matches(in: code, range: NSRange(location: 0, length: text.length)).map { match in
            text.substring(to: match.range.location).utf8.count { $0 == UInt8(ascii: "\n") } + 1
        }
    }

    struct Import: Sendable {
        let line: Int
        /// `internal`, `package`, `public`; `nil` if it is not said.
        let access: String?
        let module: String
    }

    var imports: [Import] {
        codeLines.enumerated().compactMap { index, line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
            let before = words[..<place]
            guard before.allSatisfy({ $0.hasPrefix("@") || Self.accessLevels.contains(String($0)) }) else { return nil }
            let named = words[(place + 1)...].first { !Self.importKinds.contains(String($0)) } ?? ""
            let module = named.split(separator: ".").first.map(String.init) ?? ""
            let access = before.map(String.init).first { Self.accessLevels.contains($0) }
            return Import(line: index + 1, access: access, module: module)
        }
    }

    private static let accessLevels: Set = ["internal", "package", "public", "private", "fileprivate"]
    private static let importKinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
}
