import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Reception statistics, RFC 3550 A.1, A.3, A.8")
struct ReceiveStatisticsTests {
    private static let ssrc = SSRC(rawValue: 7)

    private func number(_ value: Int) -> SequenceNumber { SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)) }
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func receive(_ values: [Int], into statistics: inout ReceiveStatistics) {
        for value in values {
            statistics.receive(
                number(value), timestamp: UInt32(truncatingIfNeeded: value &* 960), payloadSize: 10,
                now: at(Int64(value) * 20))
        }
    }

    @Test("Loss is counted across the wrap, and the fraction is that since the last report")
    func loss() {
        var statistics = ReceiveStatistics(ssrc: Self.ssrc, clockRate: 48_000)
        receive(Array(65_530...65_537) + [65_540, 65_541], into: &statistics)
        var block = statistics.reportBlock(now: at(0))
        check(block.highestSequence == 0x1_0005)
        check(block.cumulativeLost == 2)
        check(block.fractionLost == UInt8(2 * 256 / 12))
        check(block.lastSenderReport == 0)

        receive([65_542, 65_543], into: &statistics)
        block = statistics.reportBlock(now: at(0))
        check(block.fractionLost == 0)
        check(block.cumulativeLost == 2)

        receive([65_539], into: &statistics)
        check(statistics.reportBlock(now: at(0)).cumulativeLost == 1)
    }

    @Test("Two packets in a row from elsewhere restart the count; one does not")
    func restart() {
        var statistics = ReceiveStatistics(ssrc: Self.ssrc, clockRate: 48_000)
        receive([1, 2], into: &statistics)
        check(statistics.receive(number(30_000), timestamp: 0, payloadSize: 1, now: at(0)) == .suspect)
        check(statistics.receive(number(3), timestamp: 0, payloadSize: 1, now: at(0)) == .inOrder)
        check(statistics.receive(number(40_000), timestamp: 0, payloadSize: 1, now: at(0)) == .suspect)
        check(statistics.receive(number(40_001), timestamp: 0, payloadSize: 1, now: at(0)) == .restarted)
        check(statistics.restartCount == 1)
        check(statistics.reportBlock(now: at(0)).highestSequence == 40_001)
        check(statistics.cumulativeLost == 0)
    }

    @Test("Packets at an even pace have no jitter; a constant swing settles at its size")
    func jitter() {
        var even = ReceiveStatistics(ssrc: Self.ssrc, clockRate: 48_000)
        receive(Array(0..<200), into: &even)
        check(even.jitter == 0)

        var uneven = ReceiveStatistics(ssrc: Self.ssrc, clockRate: 48_000)
        for value in 0..<400 {
            let swing: Int64 = value % 2 == 0 ? 0 : 5
            uneven.receive(
                number(value), timestamp: UInt32(value * 960), payloadSize: 1, now: at(Int64(value) * 20 + swing))
        }
        check((230...245).contains(uneven.jitter))
    }

    @Test("A report tells when the sender's came")
    func lastSenderReport() {
        var statistics = ReceiveStatistics(ssrc: Self.ssrc, clockRate: 48_000)
        receive([1], into: &statistics)
        let report = SenderReport(
            sender: Self.ssrc, timestamp: NTPTimestamp(rawValue: 0x0000_1111_2222_0000), rtpTimestamp: 0,
            packetCount: 0, octetCount: 0)
        statistics.receive(report, now: at(1000))
        let block = statistics.reportBlock(now: at(1500))
        check(block.lastSenderReport == 0x1111_2222)
        check(block.delaySinceLastSenderReport == 32_768)
    }
}

@Suite("Sender statistics, RFC 3550 §6.4.1")
struct SendStatisticsTests {
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    @Test("A report carries the counts and the timestamp of now")
    func report() throws {
        var statistics = SendStatistics(ssrc: SSRC(rawValue: 7), clockRate: 90_000)
        check(statistics.senderReport(wallClock: NTPTimestamp(rawValue: 1), now: at(0)) == nil)
        statistics.record(timestamp: .max, payloadSize: 100, now: at(0))
        statistics.record(timestamp: .max, payloadSize: 50, now: at(5))
        let made = statistics.senderReport(wallClock: NTPTimestamp(rawValue: 1 << 32), now: at(10))
        let report = try #require(made)
        check(report.rtpTimestamp == 899)
        check(report.packetCount == 2)
        check(report.octetCount == 150)
    }

    @Test("The round trip comes from the answer to a report, whatever the wall clock does meanwhile")
    func roundTrip() throws {
        var statistics = SendStatistics(ssrc: SSRC(rawValue: 7), clockRate: 90_000)
        statistics.record(timestamp: 0, payloadSize: 1, now: at(0))
        let made = statistics.senderReport(wallClock: NTPTimestamp(rawValue: 9 << 32), now: at(1000))
        let report = try #require(made)
        _ = statistics.senderReport(wallClock: NTPTimestamp(rawValue: 5 << 32), now: at(1200))
        var block = ReportBlock(ssrc: SSRC(rawValue: 7))
        block.lastSenderReport = report.timestamp.compact
        block.delaySinceLastSenderReport = 65_536 / 2
        block.fractionLost = 64
        statistics.receive(block, now: at(1580))
        check(statistics.roundTripTime == .milliseconds(80))
        check(statistics.lossFraction == 0.25)
        block.lastSenderReport = 12_345
        statistics.receive(block, now: at(9000))
        check(statistics.roundTripTime == .milliseconds(80))
    }
}
