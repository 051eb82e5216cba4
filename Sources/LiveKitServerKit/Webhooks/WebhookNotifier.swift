internal import AsyncHTTPClient
internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import Metrics
internal import NIOCore
internal import NIOPosix
internal import SwiftProtobuf

/// Takes events from rooms, without ever making them wait, and delivers them to the configured endpoints.
///
/// Between the two stand a bounded stream and a bounded ``WebhookJournal`` for each endpoint, so that an endpoint
/// which is down or slow costs memory up to a bound and nothing else.
actor WebhookNotifier {
    private struct Destination {
        let endpoint: WebhookEndpoint
        var journal: WebhookJournal
    }

    nonisolated let configuration: LiveKitServerConfiguration.Webhook
    nonisolated private let clock: ServerClock
    nonisolated private let incoming: AsyncStream<Livekit_WebhookEvent>
    nonisolated private let incomingContinuation: AsyncStream<Livekit_WebhookEvent>.Continuation
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nonisolated private let counters: WebhookCounters
    nonisolated private let logger: Logger
    private let secret: String
    private var destinations: [Destination] = []
    private var isReading = false

    init(
        _ configuration: LiveKitServerConfiguration.Webhook, keys: [String: String], clock: ServerClock, logger: Logger,
        metrics: any MetricsFactory
    ) {
        counters = WebhookCounters(metrics)
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        secret = keys[configuration.apiKey] ?? ""
        (incoming, incomingContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(WebhookBounds.incoming))
    }

    /// Queues an event. Never waits; one that finds the queue full is dropped and counted.
    nonisolated func notify(_ event: Livekit_WebhookEvent) {
        guard !configuration.urls.isEmpty, configuration.sends(event.event) else { return }
        var event = event
        event.id = "EV_" + UUID().uuidString.filter { $0 != "-" }.prefix(16)
        event.createdAt = clock.unixMilliseconds() / 1000
        if event.hasParticipant || event.hasTrack, !configuration.sendsFullRoom { event.room = event.room.reference }
        if case .dropped = incomingContinuation.yield(event) { counters.countOverflow() }
    }

    /// Delivers until the task is cancelled. Without endpoints there is nothing to do but to wait for that.
    func run() async {
        guard !configuration.urls.isEmpty else { return await Self.waitForCancellation() }
        let client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: clientConfiguration)
        destinations = configuration.urls.map { url in
            Destination(
                endpoint: WebhookEndpoint(
                    url: url, apiKey: configuration.apiKey, apiSecret: secret, client: client, clock: clock),
                journal: WebhookJournal(configuration))
        }
        isReading = true
        await withDiscardingTaskGroup { group in
            group.addTask { await self.read() }
            group.addTask { await self.tick() }
            for await _ in wakes.stream {
                for index in destinations.indices { deliver(index, &group) }
            }
            group.cancelAll()
        }
        try? await client.shutdown()
    }

    /// Takes no more events and waits until those that came before are delivered, but no longer than it may.
    func drain(for duration: Duration) async {
        incomingContinuation.finish()
        guard !configuration.urls.isEmpty else { return }
        let end = clock.now() + MediaDuration(duration)
        while clock.now() < end, isReading || destinations.contains(where: { !$0.journal.isEmpty }) {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return }
        }
    }

    // MARK: Inside

    private var clientConfiguration: HTTPClient.Configuration {
        var client = HTTPClient.Configuration()
        client.timeout.connect = TimeAmount(WebhookBounds.requestTimeout)
        client.redirectConfiguration = .follow(max: 3, allowCycles: false)
        // The journal tries again, at its own pace.
        client.connectionPool.retryConnectionEstablishment = false
        client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.deliveriesAtOnce
        return client
    }

    private static func waitForCancellation() async {
        while (try? await Task.sleep(for: .seconds(3600))) != nil {}
    }

    private func read() async {
        for await event in incoming { append(event) }
        isReading = false
    }

    private func append(_ event: Livekit_WebhookEvent) {
        guard let body: [UInt8] = try? event.jsonUTF8Bytes() else { return }
        let now = clock.now()
        for index in destinations.indices {
            let length = destinations[index].journal.append(
                event: event.event, body: body, resource: event.resource, now: now)
            if let length { counters.queued(length) }
        }
        wakes.continuation.yield()
    }

    /// Wakes the deliveries whose pause is over.
    private func tick() async {
        while (try? await Task.sleep(for: WebhookBounds.tickPeriod)) != nil {
            let now = clock.now()
            let isDue = destinations.contains { $0.journal.deadline.map { $0 <= now } ?? false }
            if isDue { wakes.continuation.yield() }
        }
        wakes.continuation.finish()
    }

    private func deliver(_ index: Int, _ group: inout DiscardingTaskGroup) {
        while let delivery = destinations[index].journal.nextDelivery(now: clock.now()) {
            let endpoint = destinations[index].endpoint
            group.addTask {
                let outcome = await endpoint.post(delivery.body)
                await self.finish(index, delivery, outcome)
            }
        }
        countDropped(index)
    }

    private func finish(_ index: Int, _ delivery: WebhookJournal.Delivery, _ outcome: WebhookJournal.Outcome) {
        destinations[index].journal.finish(delivery.resource, outcome, now: clock.now())
        counters.count(outcome)
        if case .delivered = outcome {
            logger.debug(
                "webhook delivered", metadata: ["event": "\(delivery.event)", "resource": "\(delivery.resource)"])
        } else {
            logger.info(
                "webhook not delivered",
                metadata: [
                    "event": "\(delivery.event)", "resource": "\(delivery.resource)", "attempt": "\(delivery.attempt)",
                    "url": "\(configuration.urls[index])", "refused": "\(outcome == .refused)",
                ])
        }
        countDropped(index)
        wakes.continuation.yield()
    }

    private func countDropped(_ index: Int) {
        for reason in destinations[index].journal.takeDropped() {
            counters.count(reason)
            logger.warning(
                "webhook dropped",
                metadata: ["url": "\(configuration.urls[index])", "reason": "\(reason.rawValue)"])
        }
    }
}

extension Livekit_WebhookEvent {
    /// Events of one resource keep their order. As in LiveKit, a room and what is in it are one resource.
    var resource: String { hasRoom ? room.name : participant.identity }
}

extension Livekit_Room {
    /// Which room it is, and nothing more.
    fileprivate var reference: Livekit_Room {
        var room = Livekit_Room()
        room.name = name
        room.sid = sid
        return room
    }
}
