import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// Whole calls whose sender follows its estimate: real ICE, DTLS, SRTP, RTCP, pacer and probes on simulated time.
@Suite("Calls under congestion control")
struct CongestedCallTests {
    private func congested(
        kilobits: Int, delay: Int64 = 25, loss: Double = 0, seed: UInt64, maximum: Int64 = 5000,
        configure: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws -> CongestedCall {
        let conditions = LinkConditions(
            loss: loss == 0 ? .none : .random(loss), rate: kilobits * 1000, queue: .time(.milliseconds(300)))
        return try #require(
            try CongestedCall(
                conditions, delay: .milliseconds(delay), seed: seed, maximum: .kilobits(maximum), configure: configure))
    }

    @Test("Over a cliff of 3 Mbit/s, 300 kbit/s, 3 Mbit/s nothing freezes", arguments: 1...2 as ClosedRange<UInt64>)
    func followsCliffs(seed: UInt64) throws {
        let outcome = try #require(try CliffCall(queueMilliseconds: 300, seed: seed))
        #expect(outcome.shareBefore >= 0.8)
        #expect(outcome.secondsToFall <= 3)
        #expect(outcome.secondsToDrain <= 5)
        #expect(outcome.secondsToReturn <= 20)
        #expect(outcome.longestPause <= 2)
    }

    @Test(
        "The estimate settles near what the path carries, and so does what is sent",
        arguments: 1...2 as ClosedRange<UInt64>)
    func settles(seed: UInt64) throws {
        let call = try congested(kilobits: 500, delay: 100, seed: seed)
        call.at(seconds: 25) { $0.setBottleneck(LinkConditions(rate: 800_000)) }
        call.run(seconds: 45)
        #expect((350...550).contains(call.mean(\.target, from: 20, to: 25)))
        #expect((300...500).contains(call.mean(\.sent, from: 20, to: 25)))
        #expect((600...880).contains(call.mean(\.target, from: 40, to: 45)))
        #expect(call.mean(\.queueDelay, from: 20, to: 25) < 100)
    }

    @Test("100 kbit/s with 200 ms each way carry sound and pictures", arguments: 1...2 as ClosedRange<UInt64>)
    func livesOnLittle(seed: UInt64) throws {
        let call = try congested(kilobits: 100, delay: 200, seed: seed)
        call.at(seconds: 20) { $0.call.right.watchGaps(now: $0.call.now) }
        call.run(seconds: 60)
        #expect((65...115).contains(call.mean(\.target, from: 40, to: 60)))
        #expect(call.mean(\.queueDelay, from: 40, to: 60) < 200)
        #expect(call.longestPause < .seconds(2))
    }

    @Test("Two minutes of ten percent loss with 200 ms each way leave more than 100 kbit/s")
    func bearsLoss() throws {
        let call = try congested(kilobits: 1000, delay: 200, loss: 0.1, seed: 1) { $0.protectsPackets = false }
        call.run(seconds: 120)
        #expect(call.samples.last.map { $0.target > 100 } ?? false)
        #expect(call.mean(\.target, from: 60, to: 120) > 300)
    }

    @Test("Twenty percent of loss do not switch a layer on and off")
    func holdsStill() throws {
        let call = try congested(kilobits: 2000, delay: 50, loss: 0.2, seed: 1) { $0.protectsPackets = false }
        call.run(seconds: 120)
        var allocation = LayerAllocation(layerCount: 2)
        let layers = [
            LayerAllocation.Layer(minimum: .kilobits(30), target: .kilobits(150), maximum: .kilobits(150)),
            LayerAllocation.Layer(minimum: .kilobits(350), target: .kilobits(1200), maximum: .kilobits(1200)),
        ]
        var switches = 0
        for sample in call.samples where sample.time > 20 {
            let wasOn = allocation.rates[1] > .zero
            allocation.allocate(.kilobits(Int64(sample.target)), to: layers)
            if wasOn != (allocation.rates[1] > .zero) { switches += 1 }
        }
        #expect(switches <= 10, "in a hundred seconds")
    }

    @Test("While feedback is lost less is sent; afterwards the rate comes back")
    func bearsLostFeedback() throws {
        let call = try congested(kilobits: 1000, delay: 50, seed: 2)
        call.at(seconds: 20) { call in
            let right = call.call.right.host
            call.call.simulation.filter = { $0.host == right || !Self.isControl($0.bytes) }
        }
        call.at(seconds: 30) { $0.call.simulation.filter = nil }
        call.run(seconds: 50)
        let during = try #require(call.samples.last { $0.time <= 30 })
        #expect(during.target < call.mean(\.target, from: 15, to: 20) / 2)
        #expect(during.limit == .silence)
        #expect(call.mean(\.target, from: 45, to: 50) > 500)
    }

    @Test("Feedback that was under way for 299 s does no harm")
    func bearsLateFeedback() throws {
        let call = try congested(kilobits: 300, seed: 3, maximum: 100) { $0.protectsPackets = false }
        call.run(seconds: 5)
        let (left, simulation) = (call.call.left, call.call.simulation)
        var held: [SimulatedNetwork.Delivery] = []
        simulation.filter = { delivery in
            guard delivery.host == left.host, Self.isControl(delivery.bytes) else { return true }
            if held.count < 100 { held.append(delivery) }
            return false
        }
        call.run(seconds: 304)
        simulation.filter = nil
        let before = try #require(left.allowance?.estimate.target)
        #expect(held.count == 100)
        call.call.onSimulatedTime {
            for delivery in held {
                var late = delivery
                left.receive(&late, now: call.call.now)
            }
        }
        #expect(try #require(left.allowance?.estimate.target) == before)
        call.run(seconds: 345)
        #expect(call.mean(\.target, from: 340, to: 345) > 100)
        #expect(left.connection.state == .connected)
    }

    @Test(
        "A peer that sends no transport-wide feedback but its own estimate is followed",
        arguments: 1...2 as ClosedRange<UInt64>)
    func followsEstimates(seed: UInt64) throws {
        let call = try congested(kilobits: 1000, delay: 50, seed: seed) {
            $0.capabilities = MediaCapabilities.liveKitClient.withoutTransportFeedback
        }
        call.run(seconds: 40)
        #expect(call.call.left.bandwidthReports > 10)
        #expect((600...1100).contains(call.mean(\.target, from: 20, to: 40)))
        #expect(call.mean(\.queueDelay, from: 20, to: 40) < 250)
    }

    @Test("Little to send does not make the estimate fall, and all of it gets through once there is more")
    func bearsLittleMedia() throws {
        let call = try congested(kilobits: 3000, seed: 4, maximum: 120)
        call.run(seconds: 40)
        #expect(call.samples.filter { $0.time > 10 }.allSatisfy { $0.target >= 200 })
        #expect(call.mean(\.sent, from: 30, to: 40) < 300)
    }

    @Test("What was learned of one path is not believed of another")
    func learnsPathsAnew() throws {
        let call = try congested(kilobits: 3000, seed: 6) { $0.rightNAT = .portRestricted }
        let nat = try #require(call.call.rightNAT)
        call.at(seconds: 15) { $0.call.simulation.network.rebind(nat) }
        call.run(seconds: 40)
        #expect(call.mean(\.target, from: 10, to: 15) > 2000)
        let start = Double(SendSideBandwidthEstimator.Configuration().start.kilobits)
        #expect(call.samples.contains { $0.time > 15 && $0.target == start })
        #expect(call.mean(\.target, from: 30, to: 40) > 2000)
    }

    /// RFC 5761 §4.
    private static func isControl(_ datagram: [UInt8]) -> Bool {
        datagram.count > 1 && (128...191).contains(datagram[0]) && (192...223).contains(datagram[1])
    }
}

extension MediaCapabilities {
    fileprivate var withoutTransportFeedback: MediaCapabilities {
        var value = self
        for index in value.audio.indices { value.audio[index].feedback.removeAll { $0 == "transport-cc" } }
        for index in value.video.indices { value.video[index].feedback.removeAll { $0 == "transport-cc" } }
        value.audioExtensions.removeAll { $0 == RTPHeaderExtensionURI.transportSequenceNumber }
        value.videoExtensions.removeAll { $0 == RTPHeaderExtensionURI.transportSequenceNumber }
        return value
    }
}
