import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Packets kept for retransmission, RFC 4588")
struct RetransmissionTests {
    private func number(_ value: Int) -> SequenceNumber { SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)) }
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func bytes(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value), 3]
    }

    @Test("The last packets are there across the wrap, older ones are gone")
    func ring() {
        var buffer = RetransmissionBuffer(capacity: 500, packetSize: 20)
        for value in 65_000..<66_000 where value % 7 != 0 {
            buffer.store(bytes(value).rawSpan, sequenceNumber: number(value))
        }
        for value in (66_000 - 512)..<66_000 {
            let found = buffer.withPacket(number(value)) { [UInt8](copying: $0) }
            check(found == (value % 7 == 0 ? nil : bytes(value)))
        }
        for value in 65_000..<(66_000 - 512) { check(buffer.withPacket(number(value)) { $0.byteCount } == nil) }
        check(buffer.withPacket(number(66_001)) { $0.byteCount } == nil)
    }

    @Test func oversizePacketsAreCountedAndNotKept() {
        var buffer = RetransmissionBuffer(capacity: 4, packetSize: 20)
        check(!buffer.store([UInt8](repeating: 1, count: 21).rawSpan, sequenceNumber: number(1)))
        check(buffer.oversizeCount == 1)
        check(buffer.withPacket(number(1)) { $0.byteCount } == nil)
    }

    @Test("A packet goes again at once, then not within 100 ms, and ten times at most")
    func limits() {
        var history = RetransmissionHistory(capacity: 8)
        history.record(number(5), source: number(50), context: 9, now: at(0))
        func ask(_ milliseconds: Int64) -> RetransmissionHistory.Answer {
            history.request(number(5), roundTripTime: nil, now: at(milliseconds))
        }
        let sent = RetransmissionHistory.Answer.send(source: number(50), context: 9)
        check(ask(10) == sent)
        check(ask(109) == .tooSoon)
        check(ask(110) == sent)
        for copy in 3...10 { check(ask(Int64(copy) * 300) == sent) }
        check(ask(10_000) == .tooOften)
    }

    @Test("On a short path three quarters of a round trip are enough between two copies")
    func shortPath() {
        var history = RetransmissionHistory(capacity: 8)
        history.record(number(5), source: number(5), now: at(0))
        func ask(_ milliseconds: Int64) -> RetransmissionHistory.Answer {
            history.request(number(5), roundTripTime: .milliseconds(20), now: at(milliseconds))
        }
        check(ask(0) == .send(source: number(5), context: 0))
        check(ask(14) == .tooSoon)
        check(ask(15) == .send(source: number(5), context: 0))
    }

    @Test func packetsFromARingAgoAreUnknown() {
        var history = RetransmissionHistory(capacity: 8)
        history.record(number(5), source: number(5), now: at(0))
        history.record(number(14), source: number(14), now: at(0))
        check(history.request(number(5), roundTripTime: nil, now: at(0)) == .unknown)
        check(history.request(number(6), roundTripTime: nil, now: at(0)) == .unknown)
        check(history.request(number(14), roundTripTime: nil, now: at(0)) != .unknown)
    }
}
