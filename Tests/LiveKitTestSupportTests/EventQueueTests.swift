import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Event queue of the simulated network")
struct EventQueueTests {
    @Test("Events leave in order of time, those of one instant in order of arrival", arguments: 1...5)
    func ordered(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var queue = EventQueue<Int>()
        var expected: [(at: Int64, number: Int)] = []
        for number in 0..<1000 {
            let at = Int64.random(in: 0..<200, using: &random)
            queue.insert(number, at: MediaInstant(nanoseconds: at))
            expected.append((at, number))
        }
        expected.sort { ($0.at, $0.number) < ($1.at, $1.number) }
        var taken: [Int] = []
        while let (_, number) = queue.next(until: MediaInstant(nanoseconds: 149)) { taken.append(number) }
        #expect(taken == expected.filter { $0.at < 150 }.map(\.number))
        #expect(queue.count == expected.count { $0.at >= 150 })
    }
}
