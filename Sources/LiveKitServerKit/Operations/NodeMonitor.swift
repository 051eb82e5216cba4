internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import NIOCore
internal import NIOPosix

/// Watches the node while it runs: tries its media port, and measures what gauges show.
struct NodeMonitor: Sendable {
    let services: ControlServices
    let registry: RoomRegistry

    /// How often gauges are set. As LiveKit measures its nodes, because limits hold by what was measured.
    private static let measureInterval = Duration.seconds(2)

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await probe() }
            group.addTask { await measure() }
            group.addTask { await beat() }
        }
    }

    /// Goes round wherever the steps of a join wait for their turn: among tasks, on an event loop, on the media loop.
    private func beat() async {
        while (try? await Task.sleep(for: .nanoseconds(JoinAdmission.beatInterval.nanoseconds))) != nil {
            try? await MultiThreadedEventLoopGroup.singleton.any().submit {}.get()
            await services.mediaPlane.turn()
            services.joins.beat()
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
        var told: RedisTally?
        repeat {
            var census = RoomCensus()
            for room in await registry.all { census += await room.query { RoomCensus($0) } }
            services.counters.set(census)
            services.counters.set(services.joins.load)
            services.joins.carries(tracks: census.tracks)
            services.totals.set(census)
            if let redis = services.cluster?.client.counters.tally {
                services.counters.redis.add(redis, since: told)
                told = redis
            }
            services.counters.add(await services.mediaPlane.takeCounts())
            services.counters.droppedLogLines.increment(by: LogQueue.standardError.takeDropped())
        } while (try? await Task.sleep(for: Self.measureInterval)) != nil
    }
}

/// How many of what there are now.
struct RoomCensus: Hashable, Sendable {
    var rooms = 0
    var participants = 0
    var publishedAudio = 0
    var publishedVideo = 0
    var subscribedAudio = 0
    var subscribedVideo = 0

    /// What `limit.num_tracks` counts.
    var tracks: Int { publishedAudio + publishedVideo + subscribedAudio + subscribedVideo }

    init() {}

    init(_ room: RoomState) {
        guard !room.isClosed else { return }
        rooms = 1
        participants = room.participants.count
        for participant in room.participants.values {
            publishedAudio += participant.tracks.count { $0.info.type == .audio }
            publishedVideo += participant.tracks.count { $0.info.type == .video }
        }
        let audio = Set(room.participants.values.flatMap(\.tracks).filter { $0.info.type == .audio }.map(\.sid))
        for participant in room.participants.values {
            let heard = participant.subscriptions.count { audio.contains($0) }
            subscribedAudio += heard
            subscribedVideo += participant.subscriptions.count - heard
        }
    }

    static func += (total: inout RoomCensus, other: RoomCensus) {
        total.rooms += other.rooms
        total.participants += other.participants
        total.publishedAudio += other.publishedAudio
        total.publishedVideo += other.publishedVideo
        total.subscribedAudio += other.subscribedAudio
        total.subscribedVideo += other.subscribedVideo
    }
}
