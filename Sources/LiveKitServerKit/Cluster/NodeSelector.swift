internal import Foundation
internal import LiveKitProtobuf

/// Decides which node takes a new room.
struct NodeSelector: Sendable {
    let configuration: LiveKitServerConfiguration.NodeSelector
    /// Distances in metres from where this node is, by region.
    private let distances: [String: Double]

    init(_ configuration: LiveKitServerConfiguration.NodeSelector, region: String) {
        self.configuration = configuration
        guard let here = configuration.regions.first(where: { $0.name == region }) else {
            distances = [:]
            return
        }
        distances = Dictionary(
            configuration.regions.map { ($0.name, Self.distance(here, $0)) }, uniquingKeysWith: { $1 })
    }

    /// One of all nodes of the cluster. Those that are not serving, or were not heard of lately, are left out; `nil` when
    /// none is left.
    func select(
        among nodes: [Livekit_Node], unixSeconds: Int64, using random: inout some RandomNumberGenerator
    ) -> Livekit_Node? {
        let available = nodes.filter { $0.state == .serving && $0.isFresh(unixSeconds: unixSeconds) }
        return pick(preferred(available), using: &random)
    }

    /// Those that come into question. When all are above a limit, the limit is not heeded.
    private func preferred(_ nodes: [Livekit_Node]) -> [Livekit_Node] {
        switch configuration.kind {
        case .any: nodes
        case .cpuLoad: orAll(nodes) { Double($0.stats.cpuLoad) < configuration.cpuLoadLimit }
        case .systemLoad: relaxed(nodes)
        case .regionAware: nearest(relaxed(nodes))
        }
    }

    private func relaxed(_ nodes: [Livekit_Node]) -> [Livekit_Node] {
        orAll(nodes) { $0.systemLoad < configuration.systemLoadLimit }
    }

    private func orAll(_ nodes: [Livekit_Node], where isWanted: (Livekit_Node) -> Bool) -> [Livekit_Node] {
        let wanted = nodes.filter(isWanted)
        return wanted.isEmpty ? nodes : wanted
    }

    private func nearest(_ nodes: [Livekit_Node]) -> [Livekit_Node] {
        guard let least = nodes.compactMap({ distances[$0.region] }).min() else { return nodes }
        return nodes.filter { distances[$0.region] == least }
    }

    private func pick(_ nodes: [Livekit_Node], using random: inout some RandomNumberGenerator) -> Livekit_Node? {
        var nodes = nodes
        if configuration.algorithm == .twoChoice { nodes = Array(nodes.shuffled(using: &random).prefix(2)) }
        guard configuration.order != .random else { return nodes.randomElement(using: &random) }
        return nodes.min { measure($0) < measure($1) }
    }

    private func measure(_ node: Livekit_Node) -> Double {
        let rate = node.stats.rates.first ?? Livekit_NodeStatsRate()
        return switch configuration.order {
        case .random: 0
        case .systemLoad: node.systemLoad
        case .cpuLoad: Double(node.stats.cpuLoad)
        case .rooms: Double(node.stats.numRooms)
        case .clients: Double(node.stats.numClients)
        case .tracks: Double(node.stats.numTracksIn) + Double(node.stats.numTracksOut)
        case .bytesPerSecond: Double(rate.bytesIn) + Double(rate.bytesOut)
        }
    }

    /// Along the great circle, by the haversine of the angles.
    static func distance(
        _ one: LiveKitServerConfiguration.NodeSelector.Region, _ other: LiveKitServerConfiguration.NodeSelector.Region
    ) -> Double {
        func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
        func haversine(_ angle: Double) -> Double { sin(angle / 2) * sin(angle / 2) }
        let (latitude, otherLatitude) = (radians(one.latitude), radians(other.latitude))
        let part =
            haversine(otherLatitude - latitude) + cos(latitude) * cos(otherLatitude)
            * haversine(radians(other.longitude) - radians(one.longitude))
        return 2 * earthRadius * asin(min(1, part.squareRoot()))
    }

    /// In metres, at the equator.
    private static let earthRadius = 6_378_100.0
}

extension Livekit_Node {
    /// A node whose numbers are older is not counted on. LiveKit's figure; nodes write theirs every two seconds.
    static let freshSeconds: Int64 = 5

    /// Whether it was heard of lately. One that has not been measured yet is.
    func isFresh(unixSeconds: Int64) -> Bool { !hasStats || silence(unixSeconds: unixSeconds) < Self.freshSeconds }

    /// For how many seconds it has not been heard of. Whatever was written cannot overflow.
    func silence(unixSeconds: Int64) -> Int64 {
        let (seconds, overflow) = unixSeconds.subtractingReportingOverflow(stats.updatedAt)
        return overflow ? .max : seconds
    }

    /// The load average of one minute for each processor.
    var systemLoad: Double { Double(stats.loadAvgLast1Min) / Double(max(stats.numCpus, 1)) }
}
