import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("A connection's rate shared out among tracks")
struct BitrateSharingTests {
    private func demand(_ minimum: Int64, _ maximum: Int64) -> BitrateSharing.Demand {
        .init(minimum: .kilobits(minimum), maximum: .kilobits(maximum))
    }

    private func share(_ total: Int64, _ demands: [BitrateSharing.Demand]) -> [Int64] {
        BitrateSharing.share(.kilobits(total), among: demands).map(\.kilobits)
    }

    @Test("Sound has what it needs, pictures have equal parts of the rest")
    func sharesEqually() {
        let sound = demand(61, 61)
        #expect(share(1061, [sound, demand(30, 2000), demand(30, 2000)]) == [61, 500, 500])
        #expect(share(1061, [sound, demand(30, 200), demand(30, 2000)]) == [61, 200, 800])
        #expect(share(9000, [sound, demand(30, 200), demand(30, 2000)]) == [61, 200, 2000])
        #expect(share(50, [sound, demand(30, 200)]) == [61, 30])
        #expect(share(50, []) == [])
    }

    @Test("What packets cost is taken off, and put on again", arguments: [40, 60, 100, 300, 1000, 5000] as [Int64])
    func accountsForPackets(kilobits: Int64) {
        let total = Bitrate.kilobits(kilobits)
        let payload = BitrateSharing.payload(of: total, framesPerSecond: 30)
        #expect(payload < total)
        let back = BitrateSharing.total(of: payload, framesPerSecond: 30)
        #expect(abs(back.bitsPerSecond - total.bitsPerSecond) < 100)
    }

    @Test("Of less than packets alone would take half is left, for fewer frames")
    func leavesHalf() {
        #expect(BitrateSharing.payload(of: .kilobits(15), framesPerSecond: 30) == Bitrate(bitsPerSecond: 7500))
    }

    @Test("The rate of repairs is that of the last second")
    func forgetsOldBytes() {
        var recent = RecentBitrate()
        var now = MediaInstant.start + .seconds(7)
        for _ in 0..<30 {
            recent.note(byteCount: 1250, now: now)
            now = now + .milliseconds(100)
        }
        let rate = recent.rate(now: now)
        #expect((90...110).contains(rate.kilobits))
        #expect(recent.rate(now: now + .seconds(2)) == .zero)
    }
}
