import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Synchronization

@testable import LiveKitServerKit

/// A clock that goes when it is told to; the wall's goes with it.
final class ManualClock: Sendable {
    private let milliseconds = Atomic<Int64>(1_000_000)

    var clock: ServerClock {
        ServerClock(
            now: { MediaInstant(nanoseconds: self.milliseconds.load(ordering: .relaxed) * 1_000_000) },
            unixMilliseconds: { 1_800_000_000_000 + self.milliseconds.load(ordering: .relaxed) })
    }

    func advance(milliseconds: Int64) { self.milliseconds.wrappingAdd(milliseconds, ordering: .relaxed) }
}

/// What a node keeps in Redis, without a server around it.
struct TestNode {
    let client: RedisClient
    let directory: NodeDirectory
    let placement: RoomPlacement

    init(
        _ id: String, _ server: RedisServerProcess, clock: ServerClock, timeout: Duration = .seconds(3),
        limits: LiveKitServerConfiguration.Limits = .init(), tracks: Int32 = 0,
        onGone: @escaping @Sendable ([String]) async -> Void = { _ in }
    ) throws {
        var configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: server.port)))
        configuration.commandTimeout = timeout
        client = try RedisClient(configuration, logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() })
        var node = Livekit_Node()
        node.id = id
        node.state = .serving
        directory = NodeDirectory(
            node, client: client, clock: clock, logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }
        ) {
            var stats = Livekit_NodeStats()
            stats.updatedAt = clock.unixMilliseconds() / 1000
            stats.numTracksIn = tracks
            return stats
        } onGone: {
            await onGone($0)
        }
        var selector = LiveKitServerConfiguration.NodeSelector()
        selector.order = .tracks
        placement = RoomPlacement(
            client: client, directory: directory, selector: NodeSelector(selector, region: ""), limits: limits,
            clock: clock)
    }
}
