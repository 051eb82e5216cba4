internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import Metrics

/// Begins what rooms record by themselves, without making them wait.
final class AutoEgress: Sendable {
    /// `nil` without Redis; then all fails, and is told.
    private let launcher: EgressLauncher?
    private let webhooks: WebhookNotifier
    private let clock: ServerClock
    private let logger: Logger
    private let dropped: ServerCounters.Count
    private let failed: ServerCounters.Count
    private let requests = AsyncStream.makeStream(
        of: Waiting.self, bufferingPolicy: .bufferingOldest(WorkerBounds.waitingLaunches))

    private struct Waiting: Sendable {
        var request: Rpc_StartEgressRequest
        var since: MediaInstant
    }

    init(
        _ launcher: EgressLauncher?, webhooks: WebhookNotifier, clock: ServerClock, logger: Logger,
        metrics: any MetricsFactory
    ) {
        self.launcher = launcher
        self.webhooks = webhooks
        self.clock = clock
        self.logger = logger
        dropped = ServerCounters.Count("livekit_auto_egress_dropped_total", metrics)
        failed = ServerCounters.Count("livekit_auto_egress_failed_total", metrics)
    }

    /// Queues what a room wants recorded. Never waits.
    func perform(_ request: Rpc_StartEgressRequest) {
        guard case .dropped = requests.continuation.yield(Waiting(request: request, since: clock.now()))
        else { return }
        dropped.increment()
        tellFailure(of: request, RPCError(.resourceExhausted, "too many egresses wait for their start"))
    }

    /// Begins one after the other, some at once, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var places = WorkerBounds.launches
            for await waiting in requests.stream {
                if places > 0 { places -= 1 } else { await group.next() }
                group.addTask { await self.launch(waiting) }
            }
        }
    }

    private func launch(_ waiting: Waiting) async {
        let request = waiting.request
        do throws(RPCError) {
            // Whoever was to be recorded has mostly gone by now, and those who have not are behind it in the queue.
            guard clock.now() - waiting.since < WorkerBounds.launchAge else {
                throw RPCError(.unavailable, "the egress waited too long for its start")
            }
            guard let launcher else { throw .egressNotConnected }
            _ = try await launcher.start(request)
        } catch {
            tellFailure(of: request, error)
        }
    }

    /// As LiveKit does it: webhooks hear of the end of an egress that has no ID.
    private func tellFailure(of request: Rpc_StartEgressRequest, _ error: RPCError) {
        failed.increment()
        let info = Livekit_EgressInfo(failed: request, error)
        logger.error(
            "automatic egress did not begin",
            metadata: ["room": "\(info.roomName)", "roomID": "\(info.roomID)", "error": "\(error.message)"])
        webhooks.notify(.egressEnded, info)
    }
}

extension Livekit_EgressInfo {
    fileprivate init(failed request: Rpc_StartEgressRequest, _ error: RPCError) {
        self.init()
        roomID = request.roomID
        status = .egressFailed
        self.error = error.message
        switch request.request {
        case .participant(let participant):
            roomName = participant.roomName
            self.request = .participant(participant.withoutStorage)
        case .track(let track):
            roomName = track.roomName
            self.request = .track(track.withoutStorage)
        case .roomComposite(let composite):
            roomName = composite.roomName
            self.request = .roomComposite(composite.withoutStorage)
        case .egress, .replay, .web, .trackComposite, nil:
            break
        }
    }
}
