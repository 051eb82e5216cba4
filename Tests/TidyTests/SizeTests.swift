import Testing

@Suite("Sizes")
struct SizeTests {
    private static let longestFile = 600
    private static let longestFunction = 70

    @Test("No file is over 600 lines")
    func fileIsShort() {
        for file in SourceTree.swift {
            #expect(file.lineCount <= Self.longestFile, "\(file.path) has \(file.lineCount) lines")
        }
    }

    @Test("No function is over 70 lines")
    func functionsAreShort() {
        for file in SourceTree.swift {
            for function in FunctionScanner.functions(in: file.code) where function.lineCount > Self.longestFunction {
                Issue.record("\(file.path):\(function.line): \(function.name) has \(function.lineCount) lines")
            }
        }
    }
}
