import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Requests for missing packets, RFC 4585 §6.2.1")
struct NACKGeneratorTests {
    private static let sender = SSRC(rawValue: 1)
    private static let media = SSRC(rawValue: 2)

    private func number(_ value: Int) -> SequenceNumber { SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)) }
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func poll(_ generator: inout NACKGenerator, at milliseconds: Int64) -> [UInt16] {
        generator.poll(now: at(milliseconds), sender: Self.sender, media: Self.media)?.missing.map(\.rawValue) ?? []
    }

    @Test("Packets in order, duplicates and reordering within the wait ask for nothing")
    func quiet() {
        var generator = NACKGenerator()
        for value in [65_534, 65_535, 0, 0, 2, 1, 3] { generator.receive(number(value), now: at(0)) }
        check(generator.deadline == nil)
        check(poll(&generator, at: 1000).isEmpty)
    }

    @Test("A gap is asked for after the wait, then a round trip later, then less and less often, ten times in all")
    func schedule() {
        var generator = NACKGenerator()
        generator.receive(number(65_534), now: at(0))
        generator.receive(number(1), now: at(0))
        var asked: [Int64] = []
        while let deadline = generator.deadline, asked.count < 20 {
            let milliseconds = (deadline - .start).milliseconds
            let missing = poll(&generator, at: milliseconds + 1)
            if !missing.isEmpty {
                check(missing == [65_535, 0])
                asked.append(milliseconds)
            }
        }
        check(asked.count == 10)
        check(asked.first == 20)
        let waits = zip(asked.dropFirst(), asked).map { $0 - $1 }
        check(waits == [71, 88, 110, 137, 171, 214, 268, 334, 401])
        check(generator.abandonedCount == 2)
        check(generator.missingCount == 0)
    }

    @Test("Waits stay between 20 and 400 ms whatever the round trip", arguments: [(1, 21), (3000, 401)])
    func waitBounds(roundTrip: Int64, expected: Int64) {
        var generator = NACKGenerator()
        generator.setRoundTripTime(.milliseconds(roundTrip))
        generator.receive(number(1), now: at(0))
        generator.receive(number(3), now: at(0))
        check(poll(&generator, at: 19).isEmpty)
        check(poll(&generator, at: 21) == [2])
        check(poll(&generator, at: 20 + expected - 1).isEmpty)
        check(poll(&generator, at: 20 + expected) == [2])
    }

    @Test func aPacketThatArrivesIsNotAskedForAgain() {
        var generator = NACKGenerator()
        for value in [1, 4] { generator.receive(number(value), now: at(0)) }
        generator.receive(number(2), now: at(5))
        check(poll(&generator, at: 30) == [3])
        generator.receive(number(3), now: at(40))
        check(generator.deadline == nil)
        check(generator.recoveredCount == 2)
    }

    @Test("No more than a hundred are asked for; the oldest are given up")
    func bound() {
        var generator = NACKGenerator()
        for value in [0, 80, 200] { generator.receive(number(value), now: at(0)) }
        let missing = poll(&generator, at: 30)
        check(missing == (100..<200).map { UInt16($0) })
        check(generator.abandonedCount == 98)
    }

    @Test("A jump beyond loss starts anew")
    func restart() {
        var generator = NACKGenerator()
        for value in [0, 2, 30_000, 30_001] { generator.receive(number(value), now: at(0)) }
        check(generator.deadline == nil)
        check(generator.abandonedCount == 1)
    }

    @Test("At 10 % loss each way and 50 ms round trip, 99.9 % of packets come", arguments: 1...5 as ClosedRange<UInt64>)
    func lossyPath(seed: UInt64) {
        enum Message { case packet(Int), request([SequenceNumber]) }
        var link = SimulatedLink<Message>(
            seed: seed, conditions: .init(loss: 0.1, delay: .milliseconds(20) ... .milliseconds(30)))
        var generator = NACKGenerator()
        var arrived: Set<Int> = []
        var sent = 0
        let total = 5000
        while (link.now - .start).milliseconds < 6000 {
            while sent < total, (link.now - .start).milliseconds >= Int64(sent) {
                link.send(.packet(sent), to: .right)
                sent += 1
            }
            let tick = link.now + .milliseconds(1)
            link.advance(to: MediaInstant.earliest(generator.deadline, tick), end: tick)
            for arrival in link.arrivals() {
                switch arrival.payload {
                case .packet(let value):
                    arrived.insert(value)
                    generator.receive(number(value), now: link.now)
                case .request(let numbers):
                    for number in numbers { link.send(.packet(Int(number.rawValue)), to: .right) }
                }
            }
            if let request = generator.poll(now: link.now, sender: Self.sender, media: Self.media) {
                link.send(.request(request.missing), to: .left)
            }
        }
        check(Double(arrived.count) >= Double(total) * 0.999)
    }
}
