import LiveKitCore
import Testing

@testable import LiveKitRTCTransport

@Suite("Timer queue")
struct TimerQueueTests {
    @Test("Sessions come out in the order of their deadlines, none early", arguments: 0..<20)
    func ordersByDeadline(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var queue = TimerQueue()
        let deadlines = (0..<200).map { _ in Int64.random(in: 0..<1000, using: &random) }
        for (session, deadline) in deadlines.enumerated() {
            queue.schedule(session, at: MediaInstant(nanoseconds: deadline))
        }
        var out: [Int64] = []
        for now in stride(from: Int64(0), through: 1000, by: 10) {
            while let session = queue.popDue(now: MediaInstant(nanoseconds: now)) {
                #expect(deadlines[session] <= now)
                out.append(deadlines[session])
            }
        }
        #expect(out == deadlines.sorted())
        #expect(queue.nextDeadline == nil)
    }
}
