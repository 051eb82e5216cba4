import Testing

@Suite("Forbidden code: clocks, tasks, locks and escapes stand where a reason is written")
struct ForbiddenCodeTests {
    @Test("Nothing forbidden stands outside the allow-list", arguments: Forbidden.all)
    func staysInItsPlaces(_ forbidden: Forbidden) {
        for file in SourceTree.shipped where forbidden.concerns(file) && !forbidden.isAllowed(in: file) {
            for line in file.lines(matching: forbidden.pattern) {
                Issue.record("\(file.path):\(line): \(forbidden.name): \(forbidden.reason)")
            }
        }
    }

    @Test("Every exception is used", arguments: Forbidden.all)
    func exceptionsAreUsed(_ forbidden: Forbidden) {
        for exception in forbidden.exceptions {
            let isUsed = SourceTree.shipped.contains {
                $0.path.hasPrefix(exception.path) && !$0.lines(matching: forbidden.pattern).isEmpty
            }
            #expect(isUsed, "\(forbidden.name) does not stand in \(exception.path) any more; remove the exception")
        }
    }

    @Test("Every stream is bounded")
    func streamsAreBounded() {
        for file in SourceTree.shipped {
            for call in StreamCall.all(in: file.code) where !call.isBounded {
                Issue.record("\(file.path):\(call.line): a stream without a bound: say bufferingPolicy, not .unbounded")
            }
        }
    }
}
