internal import AsyncHTTPClient
internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import Metrics
internal import NIOCore
internal import NIOPosix
internal import SwiftProtobuf

/// Takes events from rooms, without ever making them wait, and delivers them to the configured endpoints, and to those
/// that an egress names for itself.
///
/// Between the two stand a bounded stream and a bounded ``WebhookJournal`` for each endpoint, so that an endpoint
/// which is down or slow costs memory up to a bound and nothing else.
actor WebhookNotifier {
    private struct Destination {
        let endpoint: WebhookEndpoint
        var journal: WebhookJournal
    }

    private struct Notice: Sendable {
        var event: Livekit_WebhookEvent
        var targets: [WebhookTarget]
    }

    nonisolated let configuration: LiveKitServerConfiguration.Webhook
    nonisolated private let clock: ServerClock
    nonisolated private let incoming: AsyncStream<Notice>
    nonisolated private let incomingContinuation: AsyncStream<Notice>.Continuation
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nonisolated private let counters: WebhookCounters
    nonisolated private let logger: Logger
    private let keys: [String: String]
    private var destinations: [WebhookTarget: Destination] = [:]
    private var isReading = false

    init(
        _ configuration: LiveKitServerConfiguration.Webhook, keys: [String: String], clock: ServerClock, logger: Logger,
        metrics: any MetricsFactory
    ) {
        counters = WebhookCounters(metrics)
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.keys = keys
        (incoming, incomingContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(WebhookBounds.incoming))
    }

    /// Queues an event. Never waits; one that finds the queue full is dropped and counted.
    nonisolated func notify(_ event: Livekit_WebhookEvent) {
        let targets = configuration.targets(of: event)
        guard !targets.isEmpty else { return }
        var event = event
        event.id = "EV_" + UUID().uuidString.filter { $0 != "-" }.prefix(16)
        event.createdAt = clock.unixMilliseconds() / 1000
        if event.hasParticipant || event.hasTrack, !configuration.sendsFullRoom { event.room = event.room.reference }
        if case .dropped = incomingContinuation.yield(Notice(event: event, targets: targets)) {
            counters.countOverflow()
        }
    }

    /// Delivers until the task is cancelled.
    func run() async {
        let client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: clientConfiguration)
        isReading = true
        await withDiscardingTaskGroup { group in
            group.addTask { await self.read(client) }
            group.addTask { await self.tick() }
            for await _ in wakes.stream {
                for target in destinations.keys { deliver(target, &group) }
            }
            group.cancelAll()
        }
        try? await client.shutdown()
    }

    /// Takes no more events and waits until those that came before are delivered, but no longer than it may.
    func drain(for duration: Duration) async {
        incomingContinuation.finish()
        let end = clock.now() + MediaDuration(duration)
        while clock.now() < end, isReading || destinations.values.contains(where: { !$0.journal.isEmpty }) {
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

    private func read(_ client: HTTPClient) async {
        for await notice in incoming { append(notice, client) }
        isReading = false
    }

    private func append(_ notice: Notice, _ client: HTTPClient) {
        let event = notice.event
        guard let body: [UInt8] = try? event.jsonUTF8Bytes() else { return }
        let now = clock.now()
        for target in notice.targets where open(target, client) {
            let length = destinations[target]?.journal.append(
                event: event.event, body: body, resource: event.resource, now: now)
            if let length { counters.queued(length) }
        }
        wakes.continuation.yield()
    }

    private func isConfigured(_ target: WebhookTarget) -> Bool {
        target.apiKey == configuration.apiKey && configuration.urls.contains(target.url)
    }

    private var ownDestinations: Int { destinations.keys.count { !isConfigured($0) } }

    /// Makes sure that a target has a journal. `false` for one that cannot be signed for, or is one too many.
    private func open(_ target: WebhookTarget, _ client: HTTPClient) -> Bool {
        guard destinations[target] == nil else { return true }
        guard let secret = keys[target.apiKey] else {
            logger.warning(
                "webhook without a signing key", metadata: ["url": "\(target.url)", "key": "\(target.apiKey)"])
            counters.countUnsigned()
            return false
        }
        guard isConfigured(target) || ownDestinations < WebhookBounds.ownDestinations else {
            counters.countOverflow()
            return false
        }
        destinations[target] = Destination(
            endpoint: WebhookEndpoint(
                url: target.url, apiKey: target.apiKey, apiSecret: secret, client: client, clock: clock),
            journal: WebhookJournal(configuration))
        return true
    }

    /// Wakes the deliveries whose pause is over.
    private func tick() async {
        while (try? await Task.sleep(for: WebhookBounds.tickPeriod)) != nil {
            let now = clock.now()
            let isDue = destinations.values.contains { $0.journal.deadline.map { $0 <= now } ?? false }
            if isDue { wakes.continuation.yield() }
        }
        wakes.continuation.finish()
    }

    private func deliver(_ target: WebhookTarget, _ group: inout DiscardingTaskGroup) {
        while let delivery = destinations[target]?.journal.nextDelivery(now: clock.now()),
            let endpoint = destinations[target]?.endpoint
        {
            group.addTask {
                let outcome = await endpoint.post(delivery.body)
                await self.finish(target, delivery, outcome)
            }
        }
        countDropped(target)
        if destinations[target]?.journal.isEmpty == true { destinations[target] = nil }
    }

    private func finish(
        _ target: WebhookTarget, _ delivery: WebhookJournal.Delivery, _ outcome: WebhookJournal.Outcome
    ) {
        destinations[target]?.journal.finish(delivery.resource, outcome, now: clock.now())
        counters.count(outcome)
        if case .delivered = outcome {
            logger.debug(
                "webhook delivered", metadata: ["event": "\(delivery.event)", "resource": "\(delivery.resource)"])
        } else {
            logger.info(
                "webhook not delivered",
                metadata: [
                    "event": "\(delivery.event)", "resource": "\(delivery.resource)", "attempt": "\(delivery.attempt)",
                    "url": "\(target.url)", "refused": "\(outcome == .refused)",
                ])
        }
        countDropped(target)
        wakes.continuation.yield()
    }

    private func countDropped(_ target: WebhookTarget) {
        for reason in destinations[target]?.journal.takeDropped() ?? [] {
            counters.count(reason)
            logger.warning(
                "webhook dropped",
                metadata: ["url": "\(target.url)", "reason": "\(reason.rawValue)"])
        }
    }
}

extension Livekit_WebhookEvent {
    /// Events of one resource keep their order. As in LiveKit, a room and what is in it are one resource, and each egress
    /// and ingress is one of its own.
    var resource: String {
        // One that never began has no ID.
        if hasEgressInfo, !egressInfo.egressID.isEmpty { return egressInfo.egressID }
        if hasIngressInfo { return ingressInfo.ingressID }
        return hasRoom ? room.name : participant.identity
    }
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
