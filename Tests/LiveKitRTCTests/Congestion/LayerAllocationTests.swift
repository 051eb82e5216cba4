import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("A rate shared out among simulcast layers")
struct LayerAllocationTests {
    /// LiveKit's 720p simulcast, in kilobits each second.
    private static let layers = [layer(30, 150, 160), layer(150, 450, 450), layer(600, 1700, 1700)]

    private static func layer(_ minimum: Int64, _ target: Int64, _ maximum: Int64) -> LayerAllocation.Layer {
        LayerAllocation.Layer(
            minimum: .kilobits(minimum), target: .kilobits(target), maximum: .kilobits(maximum))
    }

    private func rates(_ totals: [Int64], _ layers: [LayerAllocation.Layer] = Self.layers) -> [Int64] {
        var allocation = LayerAllocation(layerCount: layers.count)
        for total in totals { allocation.allocate(.kilobits(total), to: layers) }
        return allocation.rates.map(\.kilobits)
    }

    @Test(
        "Lower layers come first, and the rest goes to the highest that is on",
        arguments: [
            (0, [10, 0, 0]), (20, [20, 0, 0]), (30, [30, 0, 0]), (100, [100, 0, 0]), (150, [150, 0, 0]),
            (170, [160, 0, 0]),
            (329, [160, 0, 0]), (330, [150, 180, 0]), (600, [150, 450, 0]), (1000, [150, 450, 0]),
            (1319, [150, 450, 0]), (1320, [150, 450, 720]), (2300, [150, 450, 1700]), (9000, [150, 450, 1700]),
        ] as [(Int64, [Int64])])
    func shares(total: Int64, expected: [Int64]) {
        #expect(rates([total]) == expected)
    }

    @Test("A layer goes off below its least, and on again only with a fifth more")
    func switchesWithHysteresis() {
        #expect(rates([1320, 1200]) == [150, 450, 600])
        #expect(rates([1320, 1199]) == [150, 450, 0])
        #expect(rates([1320, 1199, 1250]) == [150, 450, 0])
        #expect(rates([1320, 1199, 1320]) == [150, 450, 720])
        #expect(rates([330, 300]) == [150, 150, 0])
        #expect(rates([330, 299, 310]) == [160, 0, 0])
    }

    @Test("An estimate that swings by a tenth switches nothing")
    func holdsStill() {
        var allocation = LayerAllocation(layerCount: 3)
        allocation.allocate(.kilobits(1320), to: Self.layers)
        for step in 0..<100 as Range<Int64> {
            allocation.allocate(.kilobits(step % 2 == 0 ? 1210 : 1320), to: Self.layers)
            #expect(allocation.rates[2] > .zero)
        }
    }

    @Test("Layers that nobody wants get nothing, and what they would have had goes on")
    func leavesOutUnwantedLayers() {
        var layers = Self.layers
        layers[1].isWanted = false
        #expect(rates([900], layers) == [150, 0, 750])
        layers[0].isWanted = false
        #expect(rates([100], layers) == [0, 0, 100])
        layers[2].isWanted = false
        #expect(rates([100], layers) == [0, 0, 0])
    }

    @Test(
        "No layer is above a missing one, nor any rate out of bounds, whatever the rate does",
        arguments: 1...5 as ClosedRange<UInt64>)
    func keepsItsBounds(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var allocation = LayerAllocation(layerCount: 3)
        for _ in 0..<2000 {
            let total = Bitrate.kilobits(.random(in: 0...3000, using: &random))
            allocation.allocate(total, to: Self.layers)
            let rates = allocation.rates
            #expect(rates[0] >= LayerAllocation.least)
            #expect(rates[2] == .zero || rates[1] > .zero)
            #expect(rates.reduce(.zero, +) <= max(total, LayerAllocation.least))
            for (rate, layer) in zip(rates, Self.layers).dropFirst() where rate > .zero {
                #expect(rate >= layer.minimum && rate <= layer.maximum)
            }
        }
    }
}
