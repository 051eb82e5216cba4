import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Transport feedback recorder, draft-holmer-rmcat-transport-wide-cc-extensions-01 §3")
struct TransportFeedbackGeneratorTests {
    private func number(_ value: Int) -> SequenceNumber { SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)) }
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func poll(_ generator: inout TransportFeedbackGenerator, at milliseconds: Int64) -> TransportFeedback? {
        generator.poll(now: at(milliseconds), sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2))
    }

    @Test("A report is due after 100 ms, or 50 ms once a frame ended")
    func pace() throws {
        var generator = TransportFeedbackGenerator()
        check(generator.deadline == nil)
        generator.receive(number(1), marker: false, now: at(10))
        check(generator.deadline == at(110))
        check(poll(&generator, at: 109) == nil)
        check(poll(&generator, at: 110) != nil)
        check(generator.deadline == nil)
        generator.receive(number(2), marker: true, now: at(120))
        check(generator.deadline == at(160))
    }

    @Test("More than a hundred packets force a report")
    func force() {
        var generator = TransportFeedbackGenerator()
        for value in 0...100 { generator.receive(number(value), marker: false, now: at(1)) }
        check(poll(&generator, at: 1)?.arrivals.count == 101)
    }

    @Test("Reports tell arrival times, loss, and loss between two reports")
    func content() throws {
        var generator = TransportFeedbackGenerator()
        generator.receive(number(65_535), marker: false, now: at(130))
        generator.receive(number(1), marker: false, now: at(131))
        generator.receive(number(0), marker: false, now: at(135))
        let firstReport = poll(&generator, at: 230)
        let first = try #require(firstReport)
        check(first.base == number(65_535))
        check(first.statusCount == 3)
        check(first.referenceTime == 2)
        check(first.arrivals.map(\.delta) == [8, 20, -16])

        generator.receive(number(5), marker: false, now: at(300))
        let secondReport = poll(&generator, at: 400)
        let second = try #require(secondReport)
        check(second.base == number(2))
        check(second.statusCount == 4)
        check(second.arrivals.map(\.offset) == [3])
        check(second.feedbackCount == first.feedbackCount &+ 1)
    }

    @Test("Gaps in time that a delta cannot hold split the report")
    func splits() throws {
        var generator = TransportFeedbackGenerator()
        generator.receive(number(1), marker: false, now: at(0))
        generator.receive(number(2), marker: false, now: at(20_000))
        check(poll(&generator, at: 20_000)?.statusCount == 1)
        let secondReport = poll(&generator, at: 20_000)
        let second = try #require(secondReport)
        check(second.base == number(2))
        check(poll(&generator, at: 20_000) == nil)
    }

    @Test("Every packet is reported once, in reports that fit a datagram", arguments: 1...20 as ClosedRange<UInt64>)
    func everyPacketOnce(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var generator = TransportFeedbackGenerator()
        var expected: [Int: Int64] = [:]
        var reported: [Int: Int64] = [:]
        var extender = SequenceExtender()
        var now: Int64 = 1_000_000
        for value in 65_000..<68_000 {
            now += Int64.random(in: 0...12, using: &random)
            guard Int.random(in: 0..<10, using: &random) > 0 else { continue }
            let late = Int.random(in: 0..<20, using: &random) == 0 ? value - 3 : value
            if expected[late] == nil { expected[late] = now }
            generator.receive(number(late), marker: value % 8 == 0, now: at(now))
            while let feedback = poll(&generator, at: now) {
                check(RTCPPacket.transportFeedback(feedback).encoded().count <= 1200)
                var time = Int64(feedback.referenceTime) * 256
                for arrival in feedback.arrivals {
                    time += Int64(arrival.delta)
                    let key = Int(extender.extend(feedback.sequenceNumber(of: arrival)))
                    if reported[key] == nil { reported[key] = time / 4 }
                }
            }
        }
        while let feedback = poll(&generator, at: now + 200) {
            var time = Int64(feedback.referenceTime) * 256
            for arrival in feedback.arrivals {
                time += Int64(arrival.delta)
                let key = Int(extender.extend(feedback.sequenceNumber(of: arrival)))
                if reported[key] == nil { reported[key] = time / 4 }
            }
        }
        check(reported == expected)
    }
}
