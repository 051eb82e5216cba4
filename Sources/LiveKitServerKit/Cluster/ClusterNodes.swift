internal import Foundation
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// The nodes of a cluster, for its operators.
public enum ClusterNodes {
    /// Asks Redis for all nodes that are registered.
    ///
    /// - Parameter configuration: which says where Redis is.
    /// - Returns: a table for a terminal, with the columns of livekit-server's `list-nodes`.
    /// - Throws: `ConfigurationError` when there is no Redis, or it cannot be asked.
    public static func table(of configuration: LiveKitServerConfiguration) async throws -> String {
        try configuration.redis.validate()
        guard configuration.redis.isConfigured, let redis = RedisConfiguration(configuration.redis) else {
            throw ConfigurationError("redis.address is not set: nodes are registered in Redis")
        }
        let client = try RedisClient(redis, logger: Logger(label: "livekit.redis") { _ in SwiftLogNoOpLogHandler() })
        defer { client.close() }
        do throws(RedisError) {
            let nodes = try await client.hashValues(in: RedisKey.nodes)
            return table(of: nodes.compactMap { try? Livekit_Node(serializedBytes: $0) })
        } catch {
            throw ConfigurationError("redis: \(error)")
        }
    }

    static func table(of nodes: [Livekit_Node]) -> String {
        let rows = nodes.sorted { $0.id < $1.id }.map(row)
        let all = [header] + rows
        let widths = header.indices.map { column in
            all.flatMap { $0[column].split(separator: "\n", omittingEmptySubsequences: false) }.map(\.count).max() ?? 0
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
        return rule + all.map { text($0, widths) + rule }.joined()
    }

    /// A row of cells that may have several lines.
    private static func text(_ row: [String], _ widths: [Int]) -> String {
        let cells = row.map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let height = cells.map(\.count).max() ?? 0
        return (0..<height).map { line in
            let parts = zip(cells, widths).map { cell, width in
                let part = line < cell.count ? String(cell[line]) : ""
                return " " + part + String(repeating: " ", count: width - part.count) + " "
            }
            return "|" + parts.joined(separator: "|") + "|\n"
        }.joined()
    }

    private static let header = [
        "ID\n(state)", "IP address", "Region", "CPUs", "CPU usage\nload average", "Memory\nused / total", "Rooms",
        "Clients\ntracks in / out", "Bytes/s in / out\nin all", "Packets/s in / out\nin all", "NACKs/s\nin all",
        "Resent/s\nin all", "Started at\nupdated at (UTC)",
    ]

    private static func row(_ node: Livekit_Node) -> [String] {
        let stats = node.stats
        let rate = stats.rates.first ?? Livekit_NodeStatsRate()
        let load = [stats.loadAvgLast1Min, stats.loadAvgLast5Min, stats.loadAvgLast15Min].map { decimal($0) }
        return [
            "\(node.id)\n(\(MetricLabel.name(node.state)))", node.ip, node.region, "\(stats.numCpus)",
            "\(decimal(stats.cpuLoad * 100)) %\n\(load.joined(separator: " "))",
            "\(bytes(stats.memoryUsed))\n\(bytes(stats.memoryTotal))", "\(stats.numRooms)",
            "\(stats.numClients)\n\(stats.numTracksIn) / \(stats.numTracksOut)",
            "\(bytes(rate.bytesIn)) / \(bytes(rate.bytesOut))\n\(bytes(stats.bytesIn)) / \(bytes(stats.bytesOut))",
            "\(decimal(rate.packetsIn)) / \(decimal(rate.packetsOut))\n\(stats.packetsIn) / \(stats.packetsOut)",
            "\(decimal(rate.nackTotal))\n\(stats.nackTotal)",
            "\(decimal(rate.retransmitPacketsOut))\n\(stats.retransmitPacketsOut)",
            "\(time(stats.startedAt))\n\(time(stats.updatedAt))",
        ]
    }

    private static func decimal(_ value: Float) -> String { String(format: "%.2f", value) }

    private static func bytes(_ count: UInt64) -> String { bytes(Float(count)) }

    private static func bytes(_ count: Float) -> String {
        var (value, unit) = (count, 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return String(format: unit == 0 ? "%.0f" : "%.1f", value) + " " + units[unit]
    }

    private static func time(_ unixSeconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: TimeInterval(unixSeconds))
        return date.formatted(.iso8601.dateTimeSeparator(.space)).replacing("Z", with: "")
    }
}
