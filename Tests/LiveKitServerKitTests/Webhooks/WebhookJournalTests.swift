import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Webhooks: the journal, on simulated time")
final class WebhookJournalTests {
    private static let configuration: LiveKitServerConfiguration.Webhook = {
        var configuration = LiveKitServerConfiguration.Webhook()
        configuration.maximumDepth = 3
        return configuration
    }()
    private var journal = WebhookJournal(configuration)
    private var now = MediaInstant.start

    @discardableResult
    private func append(_ event: String, _ resource: String = "room", bytes: Int = 10) -> Int? {
        journal.append(event: event, body: [UInt8](repeating: 7, count: bytes), resource: resource, now: now)
    }

    private func next() -> String? { journal.nextDelivery(now: now)?.event }

    @Test("The events of one room are delivered one by one, in their order")
    func order() {
        for event in ["a", "b", "c"] { append(event) }
        for event in ["a", "b", "c"] {
            #expect(next() == event)
            #expect(next() == nil, "one is under way")
            journal.finish("room", .delivered, now: now)
        }
        #expect(journal.isEmpty)
    }

    @Test("Rooms do not wait for each other, up to the bound of requests at once")
    func concurrency() {
        for index in 0...Self.configuration.deliveriesAtOnce { append("e", "room \(index)") }
        var started = 0
        while next() != nil { started += 1 }
        #expect(started == Self.configuration.deliveriesAtOnce)
        #expect(journal.deadline == nil, "nothing can start before something ends")
        journal.finish("room 0", .delivered, now: now)
        #expect(next() == "e")
    }

    @Test("It says how many wait then, and takes no more than are configured")
    func lengths() {
        #expect([append("a"), append("b"), append("c"), append("d")] == [1, 2, 3, nil])
        #expect(append("a", "other") == 1)
        #expect(journal.takeDropped() == [.depth])
        var small = Self.configuration
        (small.maximumQueue, small.deliveriesAtOnce) = (2, 1)
        journal = WebhookJournal(small)
        #expect([append("a", "1"), append("b", "2"), append("c", "3")] == [1, 1, nil])
        #expect(journal.takeDropped() == [.size])
        #expect(next() == "a" && next() == nil, "one at once")
        journal.finish("1", .delivered, now: now)
        #expect(next() == "b" && append("d", "4") == 1)
    }

    @Test("A failure is repeated after pauses that double, and keeps what follows behind it")
    func backOff() {
        append("a")
        append("b")
        var pauses: [Int64] = []
        for _ in 0..<6 {
            guard next() == "a" else { break }
            journal.finish("room", .failed, now: now)
            guard let deadline = journal.deadline else { break }
            pauses.append((deadline - now).milliseconds)
            #expect(next() == nil)
            now = deadline
        }
        #expect(pauses == [500, 1000, 2000, 4000, 8000, 8000])
        journal.finish("room", .delivered, now: now)
        #expect(next() == "a")
        journal.finish("room", .delivered, now: now)
        #expect(next() == "b", "a new event starts without a pause")
    }

    @Test("What waited for more than its maximum age is dropped and counted")
    func age() {
        append("a")
        #expect(next() == "a")
        journal.finish("room", .failed, now: now)
        now = now + .seconds(20)
        append("b")
        now = now + .seconds(11)
        #expect(next() == "b")
        #expect(journal.takeDropped() == [.age])
        now = now + .seconds(40)
        journal.finish("room", .failed, now: now)
        #expect(journal.takeDropped() == [.age])
        #expect(journal.isEmpty)
    }

    @Test("What an endpoint refuses is not tried again")
    func refusal() {
        append("a")
        append("b")
        #expect(next() == "a")
        journal.finish("room", .refused, now: now)
        #expect(journal.takeDropped() == [.refused])
        #expect(next() == "b")
    }

    @Test("Depth and size are bounded, and the newest is what is dropped")
    func bounds() {
        for event in ["a", "b", "c", "d"] { append(event) }
        #expect(journal.takeDropped() == [.depth])
        append("large", "other", bytes: WebhookBounds.journalBytes)
        #expect(journal.takeDropped() == [.size])
        #expect(next() == "a")
    }

    @Test(
        "Whatever an endpoint does, nothing overtakes, nothing stays, and nothing is counted twice", arguments: 1...40)
    func anything(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var configuration = Self.configuration
        configuration.maximumDepth = 50
        var journal = WebhookJournal(configuration)
        var sent = 0
        var ended: [String: Int] = [:]
        var (delivered, dropped) = (0, 0)
        var underWay: [(resource: String, number: Int)] = []
        var now = MediaInstant.start
        for step in 0..<4000 {
            now = now + .milliseconds(Int64.random(in: 0...200, using: &random))
            if step < 2000, Bool.random(using: &random) {
                sent += 1
                let resource = "room \(Int.random(in: 0..<5, using: &random))"
                journal.append(event: "\(sent)", body: [1, 2, 3], resource: resource, now: now)
            }
            while let delivery = journal.nextDelivery(now: now) {
                let number = Int(delivery.event) ?? 0
                #expect(number > ended[delivery.resource] ?? 0, "an event came after a later one")
                underWay.append((delivery.resource, number))
            }
            if let index = underWay.indices.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
                let (resource, number) = underWay.remove(at: index)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: journal.finish(resource, .failed, now: now)
                case 1:
                    ended[resource] = number
                    journal.finish(resource, .refused, now: now)
                default:
                    ended[resource] = number
                    delivered += 1
                    journal.finish(resource, .delivered, now: now)
                }
            }
            dropped += journal.takeDropped().count
        }
        #expect(journal.isEmpty)
        #expect(sent == delivered + dropped)
    }
}
