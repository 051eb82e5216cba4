import Foundation

/// One text file of the repository.
struct SourceFile: Sendable {
    /// Relative to the repository's root.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// The repository's files as they lie on the disk.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Swift that people wrote, with its comments and strings blanked out in `code`.
    static let swift: [SwiftSource] = ["Sources", "Examples", "Tests"].flatMap { files(below: $0, suffix: ".swift") }
        .filter { !$0.path.contains("/Generated/") }.map(SwiftSource.init)

    /// What the products and examples are built of.
    static let shipped = swift.filter { !$0.path.hasPrefix("Tests/") }

    /// The texts that a reader of the repository meets, these tests apart.
    static let texts: [SourceFile] = {
        let folders = ["Sources", "Examples", "Tests", "scripts", "Docs", "Protos"].flatMap { folder in
            [".swift", ".c", ".h", ".sh", ".py", ".md", ".proto", ".txt"].flatMap { files(below: folder, suffix: $0) }
        }
        let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", ".ci/run"].compactMap(file)
        return (folders + top).filter { !$0.path.hasPrefix("Tests/TidyTests/") }
    }()

    static let documents = texts.filter { $0.path.hasSuffix(".md") }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func file(_ path: String) -> SourceFile? {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
        return SourceFile(path: path, text: text)
    }

    /// Regular files below a folder, sorted; hidden folders and symbolic links are not followed.
    private static func files(below folder: String, suffix: String) -> [SourceFile] {
        let start = root.appending(path: folder)
        let found = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") && !$0.contains("/.") }.sorted()
            .compactMap { file("\(folder)/\($0)") }
    }
}
