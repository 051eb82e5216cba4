import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

/// An allocator on virtual time, asked in the beat of a room, with what it decided.
private struct AllocatorRig {
    var allocator: StreamAllocator
    var demands: [StreamDemand] = []
    var now = MediaInstant.start
    private(set) var targets: [TrackSID: StreamAllocator.Target] = [:]
    private(set) var changeCount = 0

    static let beat: MediaDuration = .milliseconds(400)

    init(allowsPause: Bool = false) {
        var configuration = StreamAllocator.Configuration()
        configuration.allowsPause = allowsPause
        allocator = StreamAllocator(configuration)
    }

    static func track(_ name: String) -> TrackSID { TrackSID(rawValue: name) }

    /// A track of three layers: 150, 500 and 1800 kbit/s.
    mutating func add(_ name: String, priority: UInt8 = 1, wanted: Int = 2, scale: Double = 1) {
        let layers = [150, 500, 1800].enumerated().map {
            StreamDemand.Layer(index: $0.offset, bitrate: Bitrate.kilobits(Int64(Double($0.element) * scale)))
        }
        demands.append(
            StreamDemand(
                track: Self.track(name), priority: priority, wanted: wanted, isFlowing: true, layers: layers))
    }

    mutating func ask() {
        for change in allocator.allocate(demands, now: now) {
            targets[change.track] = change.target
            changeCount += 1
        }
    }

    mutating func run(_ duration: MediaDuration, kilobits: Int64?) {
        run(duration) { _ in kilobits.map { .kilobits($0) } }
    }

    mutating func run(_ duration: MediaDuration, capacity: (MediaInstant) -> Bitrate?) {
        let end = now + duration
        while now < end {
            now = now + Self.beat
            allocator.setEstimate(capacity(now))
            ask()
        }
    }

    func layer(_ name: String) -> Int? {
        if case .layer(let index) = targets[Self.track(name)] { index } else { nil }
    }

    /// How long nothing changes.
    mutating func timeToNextChange(within limit: MediaDuration, kilobits: Int64) -> MediaDuration? {
        let (start, before) = (now, changeCount)
        while now - start < limit {
            run(Self.beat, kilobits: kilobits)
            if changeCount != before { return now - start }
        }
        return nil
    }
}

@Suite("Stream allocator: which layers fit the path to a subscriber")
struct StreamAllocatorTests {
    @Test("While nothing is known of the path every track gets what it wants")
    func unlimited() {
        var rig = AllocatorRig(allowsPause: true)
        rig.add("camera")
        rig.add("thumbnail", wanted: 0)
        rig.run(.seconds(2), kilobits: nil)
        #expect(rig.layer("camera") == 2 && rig.layer("thumbnail") == 0)
        #expect(rig.allocator.state == .stable && rig.allocator.probeGoal == nil)
        #expect(rig.allocator.usage == .kilobits(1950))
    }

    @Test("What is short is taken from low priorities first, and comes back to high ones first")
    func priorities() {
        var rig = AllocatorRig()
        rig.add("camera", priority: 1)
        rig.add("speaker", priority: 9)
        rig.add("screen", priority: 255)
        rig.run(.seconds(1), kilobits: nil)
        rig.run(.seconds(2), kilobits: 3000)
        #expect(rig.layer("screen") == 2 && rig.layer("speaker") == 1 && rig.layer("camera") == 1)
        #expect(rig.allocator.state == .deficient)
        rig.run(.seconds(2), kilobits: 1200)
        #expect(rig.layer("screen") == 1 && rig.layer("speaker") == 1 && rig.layer("camera") == 0)
        rig.run(.seconds(10), kilobits: 1450)
        #expect(rig.layer("camera") == 0, "it would fit, but with no room")
        rig.run(.seconds(10), kilobits: 1600)
        #expect(rig.layer("camera") == 1)
        rig.run(.seconds(10), kilobits: 4500)
        #expect(rig.layer("screen") == 2 && rig.layer("speaker") == 2 && rig.layer("camera") == 1)
        rig.run(.seconds(10), kilobits: 5900)
        #expect(rig.layer("camera") == 2 && rig.allocator.state == .stable)
    }

    @Test("A shortage that passes within half a second changes nothing; one by half is believed at once")
    func patience() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.run(.seconds(1), kilobits: nil)
        let before = rig.changeCount
        rig.run(AllocatorRig.beat, kilobits: 1400)
        rig.run(.seconds(1), kilobits: 2000)
        #expect(rig.changeCount == before)
        rig.run(AllocatorRig.beat, kilobits: 900)
        #expect(rig.layer("camera") == 1)
    }

    @Test("A probe aims at a fifth more than the next layer needs, or at 200 kbit/s, once the wait is over")
    func probeGoal() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.run(.seconds(1), kilobits: 700)
        #expect(rig.layer("camera") == 1)
        #expect(rig.allocator.probeGoal == .kilobits(500 + 1560))
        rig.run(.seconds(1), kilobits: 250)
        #expect(rig.layer("camera") == 0)
        #expect(rig.allocator.probeGoal == nil, "what was just taken is not asked for")
        rig.run(.seconds(4), kilobits: 250)
        #expect(rig.allocator.probeGoal == .kilobits(150 + 420))
        rig.demands[0].layers[1].bitrate = .kilobits(200)
        rig.run(AllocatorRig.beat, kilobits: 180)
        #expect(rig.allocator.probeGoal == .kilobits(150 + 200))
    }

    @Test("What is taken comes back after three seconds; where that fails again and again, up to two minutes later")
    func waits() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.run(.seconds(1), kilobits: nil)
        var waits: [Double] = []
        for _ in 0..<14 {
            rig.run(.seconds(1), kilobits: 800)
            #expect(rig.layer("camera") == 1)
            waits.append(rig.timeToNextChange(within: .seconds(200), kilobits: 2500)?.seconds ?? .infinity)
            #expect(rig.layer("camera") == 2)
        }
        #expect((2...3.6).contains(waits[0]))
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $1 >= $0 })
        #expect(waits[4] > waits[0] * 4)
        #expect((110...121).contains(waits[13]))
        // Once it lasts the past is forgotten.
        rig.run(.seconds(40), kilobits: 2500)
        rig.run(.seconds(1), kilobits: 800)
        #expect(rig.timeToNextChange(within: .seconds(10), kilobits: 2500).map { $0 < .seconds(4) } ?? false)
    }

    @Test("The lowest layer always flows where tracks may not be paused")
    func lowestFlows() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.add("screen", priority: 255)
        rig.run(.seconds(5), kilobits: 20)
        #expect(rig.layer("camera") == 0 && rig.layer("screen") == 0)
        #expect(rig.allocator.state == .deficient)
    }

    @Test("Where they may be, the lowest priority pauses first and stays so for five seconds")
    func pauses() {
        var rig = AllocatorRig(allowsPause: true)
        rig.add("camera")
        rig.add("screen", priority: 255)
        rig.run(.seconds(1), kilobits: nil)
        rig.run(.seconds(1), kilobits: 200)
        #expect(rig.targets[AllocatorRig.track("camera")] == .paused && rig.layer("screen") == 0)
        rig.run(.seconds(4), kilobits: 10_000)
        #expect(rig.targets[AllocatorRig.track("camera")] == .paused)
        rig.run(.seconds(2), kilobits: 10_000)
        #expect(rig.layer("camera") == 2)
        rig.run(.seconds(1), kilobits: 20)
        #expect(rig.targets.values.allSatisfy { $0 == .paused })
        rig.run(.seconds(1), kilobits: nil)
        #expect(rig.layer("camera") == 2 && rig.layer("screen") == 2)
    }

    @Test("A capacity that was set holds whatever is estimated, and its end is believed at once")
    func overrides() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.run(.seconds(1), kilobits: nil)
        rig.allocator.overrideCapacity(.kilobits(200))
        rig.run(.seconds(60), kilobits: nil)
        #expect(rig.layer("camera") == 0 && rig.allocator.probeGoal == nil)
        rig.allocator.overrideCapacity(nil)
        rig.ask()
        #expect(rig.layer("camera") == 2 && rig.allocator.state == .stable)
    }

    @Test("Tracks that are muted or disabled take nothing, and when they return to a narrow path they get what fits")
    func dormant() {
        var rig = AllocatorRig(allowsPause: true)
        rig.add("camera", priority: 2)
        rig.add("other")
        rig.run(.seconds(1), kilobits: nil)
        rig.run(.seconds(5), kilobits: 2100)
        #expect(rig.layer("camera") == 1 && rig.layer("other") == 1)
        rig.demands[0].isFlowing = false
        rig.run(.seconds(2), kilobits: 2100)
        #expect(rig.layer("other") == 2)
        #expect(rig.layer("camera") == 2, "what nobody is sent is not paused either")
        rig.demands[0].isFlowing = true
        rig.run(AllocatorRig.beat, kilobits: 2100)
        #expect(rig.layer("camera") == 1 && rig.layer("other") == 1)
    }

    @Test("A layer that was not measured yet is not climbed to, and one that its publisher stops is no shortage")
    func layersComeAndGo() {
        var rig = AllocatorRig()
        rig.add("camera")
        rig.demands[0].layers[2].bitrate = nil
        rig.run(.seconds(5), kilobits: 9000)
        #expect(rig.layer("camera") == 1 && rig.allocator.state == .deficient && rig.allocator.probeGoal == nil)
        rig.demands[0].layers[2].bitrate = .kilobits(1800)
        rig.run(AllocatorRig.beat, kilobits: 9000)
        #expect(rig.layer("camera") == 2)
        rig.demands[0].layers.removeLast()
        rig.run(AllocatorRig.beat, kilobits: 9000)
        #expect(rig.layer("camera") == 1 && rig.allocator.state == .stable)
    }

    @Test(
        "A track begins, and goes on, with its lowest layer on a path that is known, whenever its publisher sends again"
    )
    func begins() {
        var rig = AllocatorRig()
        rig.add("camera")
        let layers = rig.demands[0].layers
        for _ in 0..<3 {
            rig.demands[0].layers = []
            rig.run(.seconds(2), kilobits: 700)
            // Between two beats, and not measured yet.
            rig.demands[0].layers = layers.map { StreamDemand.Layer(index: $0.index, bitrate: nil) }
            rig.ask()
            #expect(rig.layer("camera") == 0)
            rig.demands[0].layers = layers
            rig.run(.seconds(1), kilobits: 700)
            #expect(rig.layer("camera") == 1)
        }
        rig.demands[0].layers = []
        rig.run(.seconds(2), kilobits: nil)
        rig.demands[0].layers = layers
        rig.ask()
        #expect(rig.layer("camera") == 2, "of this path nothing is known")
    }

    @Test("Noise of the estimate and of what layers take does not switch them back and forth", arguments: 1...20)
    func hysteresis(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var rig = AllocatorRig()
        rig.add("camera")
        rig.add("screen", priority: 255, scale: 0.7)
        let level = Int64.random(in: 300...4000, using: &random)
        rig.run(.seconds(20), kilobits: level)
        let before = rig.changeCount
        for _ in 0..<1500 {
            let noise = Double.random(in: 0.98...1.02, using: &random)
            for track in rig.demands.indices {
                for layer in rig.demands[track].layers.indices {
                    let usual = [150.0, 500, 1800][layer] * (track == 0 ? 1 : 0.7)
                    let bitrate = usual * 1000 * Double.random(in: 0.985...1.015, using: &random)
                    rig.demands[track].layers[layer].bitrate = Bitrate(bitrate)
                }
            }
            rig.run(AllocatorRig.beat) { _ in Bitrate(Double(level) * 1000 * noise) }
        }
        #expect(rig.changeCount - before <= 3, "ten minutes at \(level) kbit/s")
    }

    @Test("Whatever comes, nobody gets more than is wanted, and what is sent fits", arguments: 1...40)
    func invariants(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        let allowsPause = Bool.random(using: &random)
        var rig = AllocatorRig(allowsPause: allowsPause)
        for step in 0..<400 {
            if rig.demands.count < 6, Int.random(in: 0..<8, using: &random) == 0 {
                rig.add(
                    "track\(step)", priority: .random(in: 1...255, using: &random),
                    wanted: .random(in: 0...2, using: &random), scale: .random(in: 0.3...2, using: &random))
            }
            if !rig.demands.isEmpty, Int.random(in: 0..<8, using: &random) == 0 {
                let index = Int.random(in: rig.demands.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: rig.demands.remove(at: index)
                case 1: rig.demands[index].isFlowing.toggle()
                case 2: rig.demands[index].wanted = .random(in: 0...2, using: &random)
                default: rig.demands[index].priority = .random(in: 1...255, using: &random)
                }
            }
            let capacity =
                Int.random(in: 0..<10, using: &random) == 0 ? nil : Int64.random(in: 10...6000, using: &random)
            rig.demands.shuffle(using: &random)
            rig.run(.seconds(1), kilobits: capacity)
            check(rig, capacity: capacity, allowsPause: allowsPause)
        }
    }

    private func check(_ rig: AllocatorRig, capacity: Int64?, allowsPause: Bool) {
        var sent = Bitrate.zero
        var isLowest = true
        for demand in rig.demands where demand.isFlowing {
            switch rig.targets[demand.track] {
            case .layer(let layer)?:
                #expect(layer <= demand.wanted)
                sent = sent + (demand.layers[layer].bitrate ?? .zero)
                if layer > 0 { isLowest = false }
                if capacity == nil { #expect(layer == demand.wanted) }
            case .paused?: #expect(allowsPause && capacity != nil)
            case nil: Issue.record("a track without a target")
            }
        }
        guard let capacity else { return }
        #expect(sent <= .kilobits(capacity) * 1.05 || (isLowest && !allowsPause))
        #expect(sent == rig.allocator.usage)
    }
}
