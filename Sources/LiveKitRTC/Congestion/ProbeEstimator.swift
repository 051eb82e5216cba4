internal import LiveKitCore

/// Computes from a probe's feedback at what rate it got through.
///
/// The first packet's size is no part of the rate of arrival, the last one's none of the rate of sending. A large first
/// packet would therefore make an empty path look slow; the pacer begins probes with a small one.
package struct ProbeEstimator: Sendable {
    private struct Cluster: Sendable {
        var probe: ProbeCluster
        var packets = 0
        var bytes = 0
        var firstSent = MediaInstant.start
        var lastSent = MediaInstant.start
        var lastSentSize = 0
        var firstArrival = MediaInstant.start
        var lastArrival = MediaInstant.start
        var firstArrivalSize = 0
    }

    /// Of the packets and bytes, before a result is given.
    private static let neededShare = 0.8
    private static let longestTime: MediaDuration = .seconds(1)
    /// Packets that arrive much faster than they were sent were held together on the way.
    private static let largestCompression = 2.0
    /// A rate of arrival below this share of the rate of sending is the path's own…
    private static let saturation = 0.9
    /// …of which a little is left free, so that the queue that the probe made can empty.
    private static let utilization = 0.95

    private var clusters: [Cluster] = []

    package init() {
        clusters.reserveCapacity(CongestionLimits.probeClusters + 1)
    }

    /// Announces a probe whose feedback will come.
    package mutating func expect(_ probe: ProbeCluster) {
        if clusters.count == CongestionLimits.probeClusters { clusters.removeFirst() }
        clusters.append(Cluster(probe: probe))
    }

    /// Takes a packet of a probe. Returns the rate as far as it is known: later packets make it more exact.
    package mutating func receive(_ result: PacketResult) -> Bitrate? {
        guard let arrivedAt = result.receivedAt,
            let index = clusters.firstIndex(where: { $0.probe.id == result.probeCluster })
        else { return nil }
        var cluster = clusters[index]
        let isFirst = cluster.packets == 0
        if isFirst || result.sentAt < cluster.firstSent { cluster.firstSent = result.sentAt }
        if isFirst || result.sentAt > cluster.lastSent {
            (cluster.lastSent, cluster.lastSentSize) = (result.sentAt, result.byteCount)
        }
        if isFirst || arrivedAt < cluster.firstArrival {
            (cluster.firstArrival, cluster.firstArrivalSize) = (arrivedAt, result.byteCount)
        }
        if isFirst || arrivedAt > cluster.lastArrival { cluster.lastArrival = arrivedAt }
        cluster.packets += 1
        cluster.bytes += result.byteCount
        clusters[index] = cluster
        return Self.rate(of: cluster)
    }

    private static func rate(of cluster: Cluster) -> Bitrate? {
        guard Double(cluster.packets) >= Double(ProbeCluster.minimumPackets) * neededShare,
            Double(cluster.bytes) >= Double(cluster.probe.minimumBytes) * neededShare
        else { return nil }
        let sending = cluster.lastSent - cluster.firstSent
        let arrival = cluster.lastArrival - cluster.firstArrival
        guard sending <= longestTime, arrival <= longestTime,
            let sent = Bitrate(byteCount: cluster.bytes - cluster.lastSentSize, over: sending),
            let arrived = Bitrate(byteCount: cluster.bytes - cluster.firstArrivalSize, over: arrival),
            arrived / sent <= largestCompression
        else { return nil }
        return arrived < sent * saturation ? arrived * utilization : min(sent, arrived)
    }
}
