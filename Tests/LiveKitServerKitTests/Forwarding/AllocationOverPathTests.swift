import LiveKitCore
import LiveKitRTC
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitServerKit

/// The estimate of a simulated path and the allocator together: three layers of which one is sent, without a pacer.
private final class AllocatedCall {
    let call: CongestedCall
    var allocator = StreamAllocator()
    private(set) var layers: [(at: Double, layer: Int)] = []
    private var seconds = 0.0
    private static let rates = [150_000, 600_000, 1_800_000]

    init?(seed: UInt64, kilobits: Int, delay: MediaDuration = .milliseconds(25)) throws {
        let call = try CongestedCall(Self.link(kilobits), delay: delay, seed: seed) {
            $0.flows = Self.rates.map { .video(bitrate: $0) }
            $0.rightFlows = [.audio]
            $0.adjust = { $0.congestionControl = .forwarding }
        }
        guard let call else { return nil }
        self.call = call
        call.call.left.followsAllowance = false
        show(2)
    }

    private static func link(_ kilobits: Int) -> LinkConditions {
        LinkConditions(rate: kilobits * 1000, queue: .time(.milliseconds(300)))
    }

    func setBottleneck(kilobits: Int) { call.setBottleneck(Self.link(kilobits)) }

    private func show(_ layer: Int) {
        for (index, flow) in call.call.left.flows.enumerated() { flow.isHeld = index != layer }
        if layers.last?.layer != layer { layers.append((seconds, layer)) }
    }

    func run(until end: Double) {
        while seconds < end - 0.01 {
            seconds += 0.1
            call.run(seconds: seconds)
            allocate()
        }
    }

    private func allocate() {
        let (peer, now) = (call.call.left, call.call.now)
        guard let allowance = peer.connection.allowance(now: now) else { return }
        let isKnown = allowance.estimate.target < CongestionControlConfiguration.forwardingMaximum
        allocator.setEstimate(isKnown ? allowance.media : nil)
        let demand = StreamDemand(
            track: TrackSID(rawValue: "TR_camera"), priority: 1, wanted: 2, isFlowing: true,
            layers: peer.flows.indices.map {
                StreamDemand.Layer(
                    index: $0, bitrate: BitrateSharing.total(of: Bitrate(Double(Self.rates[$0])), framesPerSecond: 30))
            })
        for change in allocator.allocate([demand], now: now) {
            if case .layer(let layer) = change.target { show(layer) }
        }
        peer.connection.setDemand(allocator.probeGoal ?? allocator.usage, now: now)
        peer.touch()
    }

    /// How much of a span the layer was the one sent.
    func share(of layer: Int, from start: Double, to end: Double) -> Double {
        var sum = 0.0
        for (index, entry) in layers.enumerated() where entry.layer == layer {
            let until = index + 1 < layers.count ? layers[index + 1].at : seconds
            sum += max(0, min(until, end) - max(entry.at, start))
        }
        return sum / (end - start)
    }

    func switches(from start: Double, to end: Double) -> Int {
        layers.count { $0.at > start && $0.at <= end }
    }
}

@Suite("Allocation over a simulated path, with the estimate of what is sent")
struct AllocationOverPathTests {
    @Test("A wide path carries the highest layer from the first second, and is not probed", arguments: 1...3)
    func widePath(seed: UInt64) throws {
        let path = try #require(try AllocatedCall(seed: UInt64(seed), kilobits: 8000))
        path.run(until: 30)
        #expect(path.layers.map(\.layer) == [2])
        #expect(path.allocator.capacity == nil)
        let sent = path.call.mean(\.sent, from: 5, to: 30)
        #expect(sent < 2100, "media and its headers only")
    }

    @Test(
        "Where the path narrows layers fall within seconds and stay; where it widens probes bring them back",
        arguments: 1...4)
    func cliff(seed: UInt64) throws {
        let path = try #require(try AllocatedCall(seed: UInt64(seed), kilobits: 5000))
        path.run(until: 15)
        path.setBottleneck(kilobits: 900)
        path.run(until: 60)
        #expect(path.share(of: 2, from: 20, to: 60) == 0, "\(path.layers)")
        #expect(path.share(of: 1, from: 25, to: 60) > 0.6, "\(path.layers)")
        #expect(path.switches(from: 25, to: 60) <= 6, "\(path.layers)")
        #expect(path.call.mean(\.queueDelay, from: 25, to: 60) < 60)
        path.setBottleneck(kilobits: 5000)
        path.run(until: 90)
        #expect(path.share(of: 2, from: 80, to: 90) > 0.99, "\(path.layers)")
    }
}
