internal import LiveKitPSRPC
internal import Metrics

/// What became of the connections to Redis, and of what went over them.
struct RedisCounts: Sendable {
    private let connections, failures, unanswered, overflows, dropped, unclaimed: ServerCounters.Count

    init(_ factory: any MetricsFactory) {
        func lost(_ reason: String) -> ServerCounters.Count {
            ServerCounters.Count("livekit_redis_commands_lost_total", factory, [("reason", reason)])
        }
        func droppedMessages(_ reason: String) -> ServerCounters.Count {
            ServerCounters.Count("livekit_bus_messages_dropped_total", factory, [("reason", reason)])
        }
        connections = ServerCounters.Count("livekit_redis_connections_total", factory)
        failures = ServerCounters.Count("livekit_redis_connection_failures_total", factory)
        unanswered = lost("unanswered")
        overflows = lost("queue_full")
        dropped = droppedMessages("queue_full")
        unclaimed = droppedMessages("unclaimed")
    }

    func add(_ tally: RedisTally, since told: RedisTally?) {
        connections.increment(by: tally.connections - (told?.connections ?? 0))
        failures.increment(by: tally.failures - (told?.failures ?? 0))
        unanswered.increment(by: tally.unanswered - (told?.unanswered ?? 0))
        overflows.increment(by: tally.overflows - (told?.overflows ?? 0))
        dropped.increment(by: tally.droppedMessages - (told?.droppedMessages ?? 0))
        unclaimed.increment(by: tally.unclaimedMessages - (told?.unclaimedMessages ?? 0))
    }
}
