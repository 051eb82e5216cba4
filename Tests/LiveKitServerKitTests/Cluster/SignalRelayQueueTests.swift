import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Signal messages between nodes: numbers, repetition, order")
struct SignalRelayQueueTests {
    /// The machine by reference, so that expectations may change it.
    private final class Queue {
        private var machine = SignalRelayQueue<Int>()
        var isOver: Bool { machine.isOver }
        func append(_ number: Int) -> Bool { machine.append(number) }
        func close() { machine.close() }
        func nextBatch(now: MediaInstant) -> SignalRelayQueue<Int>.Batch? { machine.nextBatch(now: now) }
        func acknowledge(_ batch: SignalRelayQueue<Int>.Batch) { machine.acknowledge(batch) }
        func fail(now: MediaInstant) { machine.fail(now: now) }
    }

    private final class Order {
        private var machine = SignalRelayOrder()
        func accept(_ sequence: UInt64, _ numbers: [Int]) -> [Int]? {
            machine.accept(sequence, numbers).map(Array.init)
        }
    }

    @Test("All that waits is one batch, numbered from its first message")
    func batches() throws {
        let queue = Queue()
        #expect(queue.nextBatch(now: .start) == nil)
        #expect(queue.append(1) && queue.append(2))
        let first = try #require(queue.nextBatch(now: .start))
        #expect(first.sequence == 0 && first.messages == [1, 2] && !first.isLast)
        #expect(first.timeout == .milliseconds(500))
        #expect(queue.append(3))
        queue.acknowledge(first)
        let second = try #require(queue.nextBatch(now: .start))
        #expect(second.sequence == 2 && second.messages == [3])
    }

    @Test("What is not acknowledged is sent again with what came, waiting 500 ms, 1 s, 2 s, 4 s")
    func repeats() throws {
        let queue = Queue()
        var now = MediaInstant.start
        #expect(queue.append(1))
        var timeouts: [MediaDuration] = []
        while let batch = queue.nextBatch(now: now), !queue.isOver {
            #expect(batch.sequence == 0 && batch.messages.count == timeouts.count + 1)
            timeouts.append(batch.timeout)
            now = now + batch.timeout
            #expect(queue.append(timeouts.count + 1))
            queue.fail(now: now)
        }
        #expect(timeouts == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(queue.isOver && now == .start + .milliseconds(7500))
        #expect(!queue.append(9))
    }

    @Test("An acknowledgement begins the waits anew")
    func recovers() throws {
        let queue = Queue()
        #expect(queue.append(1))
        _ = queue.nextBatch(now: .start)
        queue.fail(now: .start + .milliseconds(500))
        let again = try #require(queue.nextBatch(now: .start + .milliseconds(500)))
        queue.acknowledge(again)
        #expect(queue.append(2))
        let late = MediaInstant.start + .seconds(60)
        #expect(queue.nextBatch(now: late)?.timeout == .milliseconds(500))
        queue.fail(now: late + .milliseconds(500))
        #expect(!queue.isOver)
    }

    @Test("The last batch says so, even when it is empty")
    func closes() throws {
        let queue = Queue()
        queue.close()
        #expect(!queue.append(1))
        let last = try #require(queue.nextBatch(now: .start))
        #expect(last.isLast && last.messages.isEmpty && !queue.isOver)
        queue.acknowledge(last)
        #expect(queue.isOver && queue.nextBatch(now: .start) == nil)
    }

    @Test("No more than so many wait")
    func isBounded() {
        let queue = Queue()
        for number in 0..<SignalRelayBounds.waiting { #expect(queue.append(number)) }
        #expect(!queue.append(-1))
    }

    @Test("What came before is passed over, and a gap is seen")
    func orders() {
        let order = Order()
        #expect(order.accept(0, [1, 2]) == [1, 2])
        #expect(order.accept(0, [1, 2, 3]) == [3])
        #expect(order.accept(1, [2]) == [])
        #expect(order.accept(3, []) == [])
        #expect(order.accept(4, [5]) == nil)
        #expect(order.accept(.max, [5]) == nil)
    }

    @Test(
        "Over a path that loses batches and acknowledgements all arrives once and in order",
        arguments: 1...20 as ClosedRange<UInt64>)
    func simulated(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        let queue = Queue()
        let order = Order()
        var (sent, heard) = (0, [Int]())
        var now = MediaInstant.start
        while !queue.isOver, now < .start + .seconds(600) {
            for _ in 0..<Int.random(in: 0...3, using: &random) where sent < 100 {
                sent += 1
                #expect(queue.append(sent))
            }
            if sent == 100 { queue.close() }
            guard let batch = queue.nextBatch(now: now) else { continue }
            let arrives = Int.random(in: 0..<10, using: &random) > 2
            if arrives { heard += order.accept(batch.sequence, batch.messages) ?? [] }
            if arrives, Int.random(in: 0..<10, using: &random) > 2 {
                now = now + .milliseconds(5)
                queue.acknowledge(batch)
            } else {
                now = now + batch.timeout
                queue.fail(now: now)
            }
        }
        #expect(heard == Array(1...heard.count))
        // Four losses in a row end a relay, which is rare enough.
        #expect(heard.count == 100 || now > .start + .seconds(7))
    }
}
