import Testing

@Suite("The scanners that the checks stand on")
struct ScannerTests {
    @Test("Comments and strings are blanked, interpolated code is not")
    func blanks() {
        let blanked = CodeBlanker.blank(
            #"""
            let a = "try! \(b("x") as! C) // no" // try!
            /* /* nested */ try! */ let d = #"raw \(e) "quoted" "#
            """#)
        #expect(!blanked.contains("try!"))
        #expect(!blanked.contains("raw"))
        #expect(blanked.contains("as! C"))
        #expect(blanked.contains("let d ="))
        #expect(blanked.split(separator: "\n").count == 2)
    }

    @Test("A function's lines are counted from its head to its last brace")
    func countsLines() {
        let functions = FunctionScanner.functions(
            in: """
                protocol P {
                    func required()
                    var x: Int { get }
                }
                struct S {
                    init(
                        a: Int = { 1 }()
                    ) {
                        self.init()
                    }
                    func f() {
                        if true {
                        }
                    }
                }
                """)
        #expect(functions.map(\.name) == ["init", "f"])
        #expect(functions.map(\.lineCount) == [5, 4])
    }

    @Test("A stream without a bound is seen, in all its spellings")
    func seesStreams() {
        let code = """
            let a = AsyncStream.makeStream(of: Int.self)
            let b = AsyncStream<Int> { _ in }
            let c = AsyncStream<[Int]>(bufferingPolicy: .unbounded) { _ in }
            let d = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(1))
            let e: AsyncStream<Int>.Continuation
            """
        #expect(StreamCall.all(in: code).filter { !$0.isBounded }.map(\.line).sorted() == [1, 2, 3])
    }
}
