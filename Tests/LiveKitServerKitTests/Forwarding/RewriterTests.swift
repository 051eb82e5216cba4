import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Timestamps towards one subscriber")
struct TimestampRewriterTests {
    @Test func passesTheFirstSourceThrough() {
        var rewriter = TimestampRewriter(clockRate: 90_000)
        rewriter.switchSource(to: 1000, now: .start)
        #expect(rewriter.map(1000, now: .start) == 1000)
        #expect(rewriter.map(4000, now: .start + .milliseconds(33)) == 4000)
    }

    @Test func placesAnotherSourceByTheTimeThatPassed() {
        var rewriter = TimestampRewriter(clockRate: 90_000)
        rewriter.switchSource(to: 1000, now: .start)
        _ = rewriter.map(1000, now: .start)
        let later = MediaInstant.start + .milliseconds(100)
        rewriter.switchSource(to: 4_000_000_000, now: later)
        #expect(rewriter.map(4_000_000_000, now: later) == 10_000)
        #expect(rewriter.map(4_000_003_000, now: later + .milliseconds(33)) == 13_000)
    }

    @Test func neverStandsStillAtASwitch() {
        var rewriter = TimestampRewriter(clockRate: 48_000)
        rewriter.switchSource(to: 7, now: .start)
        _ = rewriter.map(7, now: .start)
        rewriter.switchSource(to: 9000, now: .start)
        #expect(rewriter.map(9000, now: .start) == 8)
    }
}

@Suite("VP8 payload descriptors towards one subscriber, RFC 7741 §4.2")
struct VP8RewriterTests {
    private func frame(_ picture: UInt16, tl0: UInt8, key: UInt8) -> VP8PayloadDescriptor {
        var descriptor = VP8PayloadDescriptor(isPartitionStart: true, pictureID: picture)
        descriptor.temporalLayerZeroIndex = tl0
        descriptor.temporalID = 0
        descriptor.keyIndex = key
        return descriptor
    }

    @Test func continuesAcrossASwitch() {
        var rewriter = VP8Rewriter()
        rewriter.switchSource(to: frame(100, tl0: 10, key: 3))
        #expect(rewriter.map(frame(100, tl0: 10, key: 3)) == frame(100, tl0: 10, key: 3))
        rewriter.switchSource(to: frame(9, tl0: 200, key: 30))
        #expect(rewriter.map(frame(9, tl0: 200, key: 30)) == frame(101, tl0: 11, key: 4))
        #expect(rewriter.map(frame(10, tl0: 201, key: 30)) == frame(102, tl0: 12, key: 4))
    }

    @Test func wrapsAtFifteenBits() {
        var rewriter = VP8Rewriter()
        rewriter.switchSource(to: frame(0x7FFF, tl0: 255, key: 31))
        _ = rewriter.map(frame(0x7FFF, tl0: 255, key: 31))
        rewriter.switchSource(to: frame(50, tl0: 1, key: 1))
        #expect(rewriter.map(frame(50, tl0: 1, key: 1)) == frame(0, tl0: 0, key: 0))
    }

    @Test(
        "A source's own wraps pass, whatever the width, and the next source goes on behind them",
        arguments: [true, false])
    func followsTheSourcesWraps(isLong: Bool) {
        let circle: UInt16 = isLong ? 0x7FFF : 0x7F
        func frame(_ pictureID: UInt16, tl0: UInt8, key: UInt8) -> VP8PayloadDescriptor {
            var descriptor = self.frame(pictureID & circle, tl0: tl0, key: key & 0x1F)
            descriptor.isPictureIDLong = isLong
            return descriptor
        }
        var rewriter = VP8Rewriter()
        let first = frame(circle - 1, tl0: 254, key: 30)
        rewriter.switchSource(to: first)
        for step in 0..<5 as Range<UInt8> {
            let frame = frame(circle &- 1 &+ UInt16(step), tl0: 254 &+ step, key: 30 &+ step)
            #expect(rewriter.map(frame) == frame)
        }
        let next = frame(7, tl0: 7, key: 7)
        rewriter.switchSource(to: next)
        #expect(rewriter.map(next) == frame(3, tl0: 3, key: 3))
    }

    @Test("A packet that comes late does not take the counters back", arguments: [true, false])
    func late(isLong: Bool) {
        func frame(_ pictureID: UInt16) -> VP8PayloadDescriptor {
            var descriptor = self.frame(pictureID, tl0: UInt8(pictureID), key: 1)
            descriptor.isPictureIDLong = isLong
            return descriptor
        }
        var rewriter = VP8Rewriter()
        rewriter.switchSource(to: frame(40))
        _ = rewriter.map(frame(40))
        _ = rewriter.map(frame(42))
        #expect(rewriter.map(frame(41)) == frame(41))
        rewriter.switchSource(to: frame(90))
        #expect(rewriter.map(frame(90)).pictureID == 43)
    }
}

@Suite("What was sent, for retransmission")
struct SentPacketLogTests {
    private func log(_ numbers: Range<Int64>) -> SentPacketLog {
        var log = SentPacketLog(capacity: 128)
        for number in numbers { log.note(SentPacketLog.Entry(number: number, source: number * 10)) }
        return log
    }

    @Test func findsByTheSixteenBitNumberAcrossAWrap() {
        var log = log(65_500..<65_600)
        #expect(
            log.take(SequenceNumber(rawValue: 65_530), highest: 65_599, roundTripTime: nil, now: .start)?.source
                == 655_300)
        #expect(
            log.take(SequenceNumber(rawValue: 10), highest: 65_599, roundTripTime: nil, now: .start)?.source == 655_460)
    }

    @Test func refusesWhatWasNotSentOrIsGone() {
        var log = log(0..<300)
        #expect(log.take(SequenceNumber(rawValue: 5), highest: 299, roundTripTime: nil, now: .start) == nil)
        #expect(log.take(SequenceNumber(rawValue: 300), highest: 299, roundTripTime: nil, now: .start) == nil)
    }

    @Test func resendsAtMostTenTimesAndNotTooSoon() {
        var log = log(0..<10)
        let number = SequenceNumber(rawValue: 3)
        var answered = 0
        for step in 0..<40 {
            let now = MediaInstant.start + .milliseconds(Int64(step) * 60)
            if log.take(number, highest: 9, roundTripTime: nil, now: now) != nil { answered += 1 }
        }
        #expect(answered == 10)
        #expect(log.take(SequenceNumber(rawValue: 4), highest: 9, roundTripTime: nil, now: .start) != nil)
        let soon = MediaInstant.start + .milliseconds(50)
        #expect(log.take(SequenceNumber(rawValue: 4), highest: 9, roundTripTime: nil, now: soon) == nil)
        // Behind a short way the answer to a repeated request comes sooner.
        #expect(log.take(SequenceNumber(rawValue: 4), highest: 9, roundTripTime: .milliseconds(40), now: soon) != nil)
    }
}
