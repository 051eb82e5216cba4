import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("The choice of a node")
struct NodeSelectorTests {
    private static let now: Int64 = 1_800_000_000

    private static func node(_ id: String, _ change: (inout Livekit_Node) -> Void = { _ in }) -> Livekit_Node {
        var node = Livekit_Node()
        node.id = id
        node.state = .serving
        node.stats.updatedAt = now - 1
        node.stats.numCpus = 4
        change(&node)
        return node
    }

    private static func selector(
        region: String = "", _ change: (inout LiveKitServerConfiguration.NodeSelector) -> Void = { _ in }
    ) -> NodeSelector {
        var configuration = LiveKitServerConfiguration.NodeSelector()
        change(&configuration)
        return NodeSelector(configuration, region: region)
    }

    /// The nodes that are chosen by some of many seeds.
    private static func chosen(_ selector: NodeSelector, _ nodes: [Livekit_Node]) -> Set<String> {
        Set(
            (0..<200 as Range<UInt64>).compactMap { seed in
                var random = DeterministicRandom(seed: seed)
                return selector.select(among: nodes, unixSeconds: now, using: &random)?.id
            })
    }

    @Test("Nodes that are silent, draining, starting or suspended take no rooms")
    func leavesOut() {
        let nodes = [
            Self.node("fresh"), Self.node("unmeasured") { $0.clearStats() },
            Self.node("last") { $0.stats.updatedAt = Self.now - 4 },
            Self.node("silent") { $0.stats.updatedAt = Self.now - 5 },
            Self.node("draining") { $0.state = .shuttingDown },
            Self.node("starting") { $0.state = .startingUp }, Self.node("suspended") { $0.state = .suspended },
        ]
        #expect(Self.chosen(Self.selector(), nodes) == ["fresh", "unmeasured", "last"])
        #expect(Self.chosen(Self.selector(), Array(nodes[3...])) == [])
    }

    @Test(
        "The least of what is compared wins",
        arguments: LiveKitServerConfiguration.NodeSelector.Order.allCases.filter { $0 != .random })
    func comparesEach(_ order: LiveKitServerConfiguration.NodeSelector.Order) {
        func node(_ id: String, _ value: Int32) -> Livekit_Node {
            Self.node(id) {
                switch order {
                case .random: break
                case .systemLoad: $0.stats.loadAvgLast1Min = Float(value)
                case .cpuLoad: $0.stats.cpuLoad = Float(value) / 10
                case .rooms: $0.stats.numRooms = value
                case .clients: $0.stats.numClients = value
                case .tracks: ($0.stats.numTracksIn, $0.stats.numTracksOut) = (5 - value, 2 * value)
                case .bytesPerSecond:
                    var rate = Livekit_NodeStatsRate()
                    (rate.bytesIn, rate.bytesOut) = (Float(5 - value), Float(2 * value))
                    $0.stats.rates = [rate]
                }
            }
        }
        let nodes = [node("three", 3), node("one", 1), node("two", 2)]
        #expect(Self.chosen(Self.selector { $0.order = order }, nodes) == ["one"])
        let twoChoice = Self.selector {
            $0.order = order
            $0.algorithm = .twoChoice
        }
        // The worst of three is never the better of two.
        #expect(Self.chosen(twoChoice, nodes) == ["one", "two"])
    }

    @Test("An entry of nonsense is a node that is silent", arguments: [.min, .min + 1, -1, 0] as [Int64])
    func survivesNonsense(_ time: Int64) {
        let broken = Self.node("broken") {
            $0.stats.updatedAt = time
            $0.stats.numTracksIn = .min
            $0.stats.numCpus = 0
        }
        #expect(!broken.isFresh(unixSeconds: Self.now))
        #expect(Self.chosen(Self.selector(), [broken, Self.node("whole")]) == ["whole"])
    }

    @Test(
        "Whatever a node's numbers are, they can be shown",
        arguments: [.nan, -Float.infinity, .infinity, -1e30, 999] as [Float])
    func showsNonsense(_ rate: Float) {
        let node = Self.node("broken") {
            var rates = Livekit_NodeStatsRate()
            (rates.bytesIn, rates.nackTotal) = (rate, rate)
            $0.stats.rates = [rates]
            ($0.stats.startedAt, $0.stats.updatedAt) = (.min, .max)
        }
        #expect(ClusterNodes.table(of: [node]).contains("broken"))
    }

    @Test("By chance each node has its turn")
    func choosesByChance() {
        let nodes = ["a", "b", "c"].map { Self.node($0) }
        #expect(Self.chosen(Self.selector(), nodes) == ["a", "b", "c"])
        #expect(Self.chosen(Self.selector { $0.algorithm = .twoChoice }, nodes) == ["a", "b", "c"])
        #expect(Self.chosen(Self.selector { $0.algorithm = .twoChoice }, [nodes[1]]) == ["b"])
    }

    @Test("Nodes above a limit come into question when all are")
    func heedsLimits() {
        let busy = Self.node("busy") { ($0.stats.cpuLoad, $0.stats.loadAvgLast1Min) = (0.95, 3.9) }
        let idle = Self.node("idle") { ($0.stats.cpuLoad, $0.stats.loadAvgLast1Min) = (0.89, 3.5) }
        let idleToo = Self.node("idle too") { ($0.stats.cpuLoad, $0.stats.loadAvgLast1Min) = (0.1, 0.1) }
        for kind in [LiveKitServerConfiguration.NodeSelector.Kind.cpuLoad, .systemLoad] {
            let selector = Self.selector { $0.kind = kind }
            #expect(Self.chosen(selector, [busy, idle, idleToo]) == ["idle", "idle too"])
            #expect(Self.chosen(selector, [busy]) == ["busy"])
        }
        #expect(Self.chosen(Self.selector(), [busy, idle]) == ["busy", "idle"])
    }

    private static let regions: [LiveKitServerConfiguration.NodeSelector.Region] = [
        ("us-west", 37.64, -120.88), ("us-east", 40.68, -74.04), ("seattle", 47.6, -122.3),
    ].map { name, latitude, longitude in
        var region = LiveKitServerConfiguration.NodeSelector.Region()
        (region.name, region.latitude, region.longitude) = (name, latitude, longitude)
        return region
    }

    @Test("The nearest region that has a node which is not busy")
    func prefersTheNearest() {
        let selector = Self.selector(region: "us-west") {
            $0.kind = .regionAware
            $0.regions = Self.regions
        }
        func node(_ id: String, _ region: String, load: Float = 0) -> Livekit_Node {
            Self.node(id) { ($0.region, $0.stats.loadAvgLast1Min) = (region, load) }
        }
        let east = node("east", "us-east")
        let (seattle, other) = (node("seattle", "seattle"), node("other", "seattle"))
        let (west, busyWest) = (node("west", "us-west"), node("busy", "us-west", load: 4))
        let unknown = node("unknown", "mars")
        #expect(Self.chosen(selector, [unknown, east, seattle, west]) == ["west"])
        #expect(Self.chosen(selector, [east, seattle, busyWest, other]) == ["seattle", "other"])
        #expect(Self.chosen(selector, [east, unknown]) == ["east"])
        #expect(Self.chosen(selector, [unknown]) == ["unknown"])
    }

    @Test("Distances are those along the globe")
    func measuresDistances() {
        func region(_ latitude: Double, _ longitude: Double) -> LiveKitServerConfiguration.NodeSelector.Region {
            var region = LiveKitServerConfiguration.NodeSelector.Region()
            (region.latitude, region.longitude) = (latitude, longitude)
            return region
        }
        // A quarter and a half of the equator, and from pole to pole.
        let quarter = 6_378_100 * Double.pi / 2
        for (one, other, expected) in [
            (region(0, 0), region(0, 90), quarter), (region(0, -90), region(0, 90), 2 * quarter),
            (region(90, 0), region(-90, 0), 2 * quarter), (region(10, 20), region(10, 20), 0),
        ] {
            #expect(abs(NodeSelector.distance(one, other) - expected) < 1)
        }
    }
}
