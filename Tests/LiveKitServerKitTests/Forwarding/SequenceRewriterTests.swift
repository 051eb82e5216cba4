import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Sequence numbers towards one subscriber")
struct SequenceRewriterTests {
    private func started(at source: Int64, first: UInt16 = 100) -> SequenceRewriter {
        var rewriter = SequenceRewriter(first: first)
        rewriter.switchSource(to: 0, first: source)
        return rewriter
    }

    @Test func beginsWithTheFirstNumber() {
        var rewriter = started(at: 5000)
        #expect((5000..<5003).map { rewriter.map($0, source: 0) } == [100, 101, 102])
    }

    @Test func keepsGapsOfTheSource() {
        var rewriter = started(at: 1)
        #expect(rewriter.map(1, source: 0) == 100)
        #expect(rewriter.map(3, source: 0) == 102)
        #expect(rewriter.map(2, source: 0) == 101)
    }

    @Test func closesTheGapOfADroppedPacket() {
        var rewriter = started(at: 1)
        #expect(rewriter.map(1, source: 0) == 100)
        rewriter.drop(2, source: 0)
        rewriter.drop(3, source: 0)
        #expect(rewriter.map(4, source: 0) == 101)
        #expect(rewriter.map(3, source: 0) == nil)
        #expect(rewriter.map(1, source: 0) == 100)
    }

    @Test("Packets that are late behind a drop keep the numbers that wait for them")
    func lateBehindDrop() {
        var rewriter = started(at: 1)
        #expect(rewriter.map(1, source: 0) == 100)
        rewriter.drop(2, source: 0)
        #expect(rewriter.map(5, source: 0) == 103)
        #expect(rewriter.map(3, source: 0) == 101)
        #expect(rewriter.map(4, source: 0) == 102)
    }

    @Test("Two drops with a late packet between them close two gaps, and the late one keeps its number")
    func lateBetweenDrops() {
        var rewriter = started(at: 1)
        #expect(rewriter.map(1, source: 0) == 100)
        rewriter.drop(2, source: 0)
        rewriter.drop(4, source: 0)
        #expect(rewriter.map(5, source: 0) == 102)
        #expect(rewriter.map(3, source: 0) == 101)
        #expect(rewriter.map(4, source: 0) == nil)
    }

    @Test func continuesAcrossASwitch() {
        var rewriter = started(at: 1)
        #expect((1...3).map { rewriter.map($0, source: 0) } == [100, 101, 102])
        rewriter.switchSource(to: 1, first: 70_000)
        #expect(rewriter.map(70_000, source: 1) == 103)
        #expect(rewriter.map(4, source: 0) == nil)
        #expect(rewriter.map(70_001, source: 1) == 104)
    }

    @Test("A packet that is late behind a pause gets no number that another one has, or will have")
    func lateBehindPause() {
        var rewriter = started(at: 100)
        #expect((100...200).map { rewriter.map(Int64($0), source: 0) }.last == 200)
        rewriter.switchSource(to: 0, first: 5000)
        #expect(rewriter.map(5000, source: 0) == 201)
        #expect(rewriter.map(4999, source: 0) == nil)
        #expect(rewriter.map(150, source: 0) == 150)
    }

    @Test func knowsNothingBeforeTheStart() {
        var rewriter = started(at: 10)
        #expect(rewriter.map(9, source: 0) == nil)
    }

    @Test("Any mix of drops, gaps and reorder gives distinct numbers in the source's order", arguments: 0..<50)
    func randomized(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var rewriter = started(at: 0)
        var mapped: [Int64: Int64] = [:]
        var pending: [Int64] = []
        for number in Int64(0)..<400 {
            if Int.random(in: 0..<10, using: &random) == 0 {
                pending.append(number)
            } else if Int.random(in: 0..<5, using: &random) == 0 {
                rewriter.drop(number, source: 0)
            } else if let out = rewriter.map(number, source: 0) {
                mapped[number] = out
            }
            if Int.random(in: 0..<4, using: &random) == 0, let late = pending.popLast() {
                if let out = rewriter.map(late, source: 0) { mapped[late] = out }
            }
        }
        let inOrder = mapped.sorted { $0.key < $1.key }.map(\.value)
        #expect(inOrder == inOrder.sorted())
        #expect(Set(inOrder).count == inOrder.count)
    }
}
