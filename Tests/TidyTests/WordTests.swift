import Testing

@Suite("Words that no file may hold")
struct WordTests {
    /// Spelled in halves, so that a search for them does not find this file.
    private static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    private static let workplace = [
        "py" + "pi.org", "files.python" + "hosted", "crates" + ".io", "npm" + "js", "proxy.golang" + ".org",
        "\"/wo" + "rk/", " /wo" + "rk/", "/ho" + "me/", "/ro" + "ot/",
    ]

    @Test("No marker of unfinished work is left")
    func nothingIsLeftOver() {
        for file in SourceTree.texts {
            report(Self.leftovers, in: file) { "a leftover \($0)" }
        }
    }

    @Test("Nothing names a package registry or a path of some machine")
    func speaksOfItselfAlone() {
        for file in SourceTree.texts {
            report(Self.workplace, in: file) { "\($0) is a word of the workplace" }
        }
    }

    /// Whole words only: a letter or digit before or behind makes it another word.
    private func report(_ words: [String], in file: SourceFile, _ sentence: (String) -> String) {
        for word in words where file.text.contains(word) {
            for (index, line) in file.lines.enumerated() where holds(line, word) {
                Issue.record("\(file.path):\(index + 1): \(sentence(word))")
            }
        }
    }

    private func holds(_ line: Substring, _ word: String) -> Bool {
        line.ranges(of: word).contains { range in
            let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
            let behind = range.upperBound < line.endIndex ? line[range.upperBound] : " "
            let startsWord = word.first?.isLetter != true || !(before.isLetter || before.isNumber)
            let endsWord = word.last?.isLetter != true || !(behind.isLetter || behind.isNumber)
            return startsWord && endsWord
        }
    }
}
