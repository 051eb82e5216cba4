internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging

/// Watches the node while it runs: tries its media port, and measures what gauges show.
struct NodeMonitor: Sendable {
    let services: ControlServices
    let registry: RoomRegistry

    /// How often gauges are set; Prometheus asks every 15 s as a rule.
    private static let measureInterval = Duration.seconds(5)

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await probe() }
            group.addTask { await measure() }
        }
    }

    private func probe() async {
        repeat {
            let isAnswered = await services.mediaPlane.answers(within: NodeHealth.probeTimeout)
            if isAnswered {
                services.health.answered(now: services.clock.now())
            } else {
                services.counters.failedProbes.increment()
                services.logger.error("the media port does not answer")
            }
        } while (try? await Task.sleep(for: NodeHealth.probeInterval)) != nil
    }

    private func measure() async {
        repeat {
            var census = RoomCensus()
            for room in await registry.all { census += await room.query { RoomCensus($0) } }
            services.counters.set(census)
            services.counters.add(await services.mediaPlane.takeCounts())
        } while (try? await Task.sleep(for: Self.measureInterval)) != nil
    }
}

/// How many of what there are now.
struct RoomCensus: Hashable, Sendable {
    var rooms = 0
    var participants = 0
    var publishedAudio = 0
    var publishedVideo = 0
    var subscriptions = 0

    init() {}

    init(_ room: RoomState) {
        guard !room.isClosed else { return }
        rooms = 1
        participants = room.participants.count
        for participant in room.participants.values {
            publishedAudio += participant.tracks.count { $0.info.type == .audio }
            publishedVideo += participant.tracks.count { $0.info.type == .video }
            subscriptions += participant.subscriptions.count
        }
    }

    static func += (total: inout RoomCensus, other: RoomCensus) {
        total.rooms += other.rooms
        total.participants += other.participants
        total.publishedAudio += other.publishedAudio
        total.publishedVideo += other.publishedVideo
        total.subscriptions += other.subscriptions
    }
}
