import Foundation
import Testing

@Suite("Documents")
struct DocumentTests {
    @Test("Every relative link leads to a file")
    func linksLeadSomewhere() {
        for document in SourceTree.documents {
            let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
            for link in links(in: document.text) {
                let target = link.split(separator: "#").first.map(String.init) ?? ""
                guard !target.isEmpty, !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
                let path = folder.isEmpty ? target : "\(folder)/\(target)"
                #expect(SourceTree.exists(path), "\(document.path) links to \(link)")
            }
        }
    }

    @Test(
        "Every file that the tables of specifications and faults cite exists",
        arguments: ["Docs/Specifications.md", "Docs/Reliability.md"])
    func citedFilesExist(document: String) throws {
        let table = try #require(SourceTree.file(document))
        var cited = 0
        for part in table.text.split(separator: "`") where isPath(part) {
            cited += 1
            #expect(SourceTree.exists(String(part)), "\(document) cites \(part)")
        }
        #expect(cited > 0)
    }

    @Test("Every test that the table of signalling names exists")
    func namedTestsExist() throws {
        let table = try #require(SourceTree.file("Docs/Signalling.md"))
        let sources = SourceTree.texts.filter { $0.path.hasSuffix("Tests.swift") }.map(\.text).joined()
        var named = 0
        for row in table.text.split(separator: "\n") where row.hasPrefix("|") {
            let cell = row.split(separator: "|").last?.trimmingCharacters(in: .whitespaces) ?? ""
            guard cell.hasPrefix("\"") else { continue }
            named += 1
            let isThere = sources.contains("@Test(\(cell)") || sources.contains("@Test(\n        \(cell)")
            #expect(isThere, "Docs/Signalling.md names \(cell)")
        }
        #expect(named > 40)
    }

    @Test("Every metric of the server has its line in the table of operations")
    func metricsAreDescribed() throws {
        let table = try #require(SourceTree.file("Docs/Operations.md")).text
        var names: Set<Substring> = []
        for file in SourceTree.shipped where file.target == "LiveKitServerKit" {
            // One part in two stands between quotation marks.
            for (index, part) in file.text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 && part.hasPrefix("livekit_") && !part.contains(" ") { names.insert(part) }
        }
        #expect(names.count > 40)
        for name in names where !table.contains("`\(name)`") { Issue.record("Docs/Operations.md lacks \(name)") }
    }

    private func isPath(_ text: Substring) -> Bool {
        (text.hasPrefix("Sources/") || text.hasPrefix("Tests/")) && !text.contains(" ")
    }

    /// The targets of `[…](…)`.
    private func links(in text: String) -> [String] {
        text.ranges(of: "](").compactMap { range in
            guard let end = text[range.upperBound...].firstIndex(of: ")") else { return nil }
            return String(text[range.upperBound..<end])
        }
    }
}
