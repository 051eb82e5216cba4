import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

@Suite("Receivers' own estimates (REMB) as a limit")
struct ReceiverCapacityTests {
    @Test("An estimate that is low because little arrives limits nothing; one that falls below what is sent does")
    func onlyFallsCount() {
        var capacity = ReceiverCapacity()
        var now = MediaInstant.start
        for step in 0..<20 {
            now = now + .seconds(1)
            capacity.note(.kilobits(300 + Int64(step) * 20), usage: .kilobits(2000), now: now)
        }
        #expect(capacity.current == nil)
        capacity.note(.kilobits(400), usage: .kilobits(2000), now: now)
        #expect(capacity.current == .kilobits(400))
        capacity.note(.kilobits(450), usage: .kilobits(350), now: now)
        #expect(capacity.current == .kilobits(450))
    }

    @Test("The limit is tried again by half more each time, later where that went wrong, and ends where nothing limits")
    func triesAgain() {
        var capacity = ReceiverCapacity()
        var now = MediaInstant.start
        capacity.note(.kilobits(2000), usage: .kilobits(2000), now: now)
        capacity.note(.kilobits(1000), usage: .kilobits(2000), now: now)
        now = now + .seconds(2)
        capacity.handleTimeout(now: now)
        #expect(capacity.current == .kilobits(1000))
        now = now + .seconds(1)
        capacity.handleTimeout(now: now)
        #expect(capacity.current == .kilobits(1500))
        capacity.note(.kilobits(850), usage: .kilobits(1500), now: now + .seconds(1))
        #expect(capacity.current == .kilobits(850))
        now = now + .seconds(5)
        capacity.handleTimeout(now: now)
        #expect(capacity.current == .kilobits(850), "four and a half seconds after the fall")
        for _ in 0..<20 {
            now = now + .seconds(5)
            capacity.handleTimeout(now: now)
        }
        #expect(capacity.current == nil)
    }

    @Test("A layer's bitrate is there after a second, headers included, smoothed, and remembered while it is off")
    func layerBitrate() {
        var bitrate = LayerBitrate()
        var now = MediaInstant.start + .seconds(100)
        func send(_ payloadSize: Int, seconds: Int) {
            for packet in 0..<(seconds * 50) {
                bitrate.note(payloadSize: payloadSize, now: now)
                now = now + .milliseconds(20)
                if packet % 20 == 19 { bitrate.sample(isSending: true, now: now) }
            }
        }
        bitrate.note(payloadSize: 1000, now: now)
        bitrate.sample(isSending: true, now: now + .milliseconds(400))
        #expect(bitrate.current == nil)
        send(1000, seconds: 6)
        let steady = Double(bitrate.current?.kilobits ?? 0)
        #expect((400...460).contains(steady), "50 packets of 1072 bytes each second")
        send(4000, seconds: 1)
        let busier = Double(bitrate.current?.kilobits ?? 0)
        #expect(busier > steady && busier < steady * 2.5)
        for step in 0..<100 {
            now = now + .milliseconds(400)
            bitrate.sample(isSending: step < 4, now: now)
        }
        #expect((busier...busier * 1.1).contains(Double(bitrate.current?.kilobits ?? 0)), "the last packets count")
        send(1000, seconds: 8)
        #expect(abs(Double(bitrate.current?.kilobits ?? 0) - steady) < 20, "measured anew")
    }
}
