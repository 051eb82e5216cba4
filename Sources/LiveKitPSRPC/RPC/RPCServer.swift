internal import Foundation
package import LiveKitCore
internal import LiveKitProtobuf
package import SwiftProtobuf

/// Serves methods of services to other nodes, over a message bus.
///
/// Handlers come and go with what they serve, as a room's do with the room.
package actor RPCServer {
    private struct Registration {
        /// Tells it from those before and after it.
        let number: Int
        var subscriptions: [BusSubscription] = []
    }

    package nonisolated let id: String
    package nonisolated let counters: RPCCounters
    nonisolated private let bus: any MessageBus
    nonisolated private let clock: RPCClock
    nonisolated private let newHandlers: AsyncStream<@Sendable () async -> Void>
    nonisolated private let begin: AsyncStream<@Sendable () async -> Void>.Continuation
    private var registrations: [String: Registration] = [:]
    private var lastRegistration = 0

    /// - Parameters:
    ///   - id: The server's name, by which clients choose it.
    ///   - bus: What carries the calls.
    ///   - clock: The clocks.
    ///   - counters: Where happenings are counted.
    package init(
        id: String = RPCIdentifier.server(), over bus: any MessageBus, clock: RPCClock = .system,
        counters: RPCCounters = RPCCounters()
    ) {
        (self.id, self.bus, self.clock, self.counters) = (id, bus, clock, counters)
        (newHandlers, begin) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(RPCBounds.newHandlers))
    }

    /// Lets handlers work until the task is cancelled, which ends streams and whatever is at work.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await handler in newHandlers { group.addTask { await handler() } }
            removeAll()
            group.cancelAll()
        }
    }

    /// Serves a method of one topic, from when this returns.
    ///
    /// - Parameters:
    ///   - method: What is served.
    ///   - topic: The parts of its topic.
    ///   - affinity: How much this server would like a request; below zero, not at all. `nil` for 1.
    ///   - handler: Answers a request.
    /// - Throws: ``RPCError``: `already_exists` for a second handler, or why the bus cannot be reached.
    package func register<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [],
        affinity: (@Sendable (Request) async -> Float)? = nil,
        handler: @escaping @Sendable (Request) async throws(RPCError) -> Response
    ) async throws(RPCError) {
        try await register(
            method, topic: topic, affinity: affinity,
            patientHandler: { request, _ throws(RPCError) in try await handler(request) })
    }

    /// The same, for a handler that is told how long its caller still waits.
    package func register<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [],
        affinity: (@Sendable (Request) async -> Float)? = nil,
        patientHandler handler: @escaping @Sendable (Request, MediaDuration) async throws(RPCError) -> Response
    ) async throws(RPCError) {
        let worker = RequestHandler(context(method.service), requiresClaim: method.requiresClaim) {
            payload throws(RPCError) in
            let request = try Request(payload: payload, orThrow: .malformedRequest)
            return RequestHandler.Work(
                affinity: { await affinity?(request) ?? 1 },
                perform: { patience throws(RPCError) in
                    try await handler(request, patience).payload(orThrow: .malformedResponse)
                })
        }
        let choices = ChannelName.claimResponses(method.service, method.name, topic: topic)
        try await add(
            ChannelName.requests(method.service, method.name, topic: topic),
            sharing: method.isQueue ? .queue : .everyone, choices: method.requiresClaim ? choices : nil
        ) { requests, choices in await worker.run(requests: requests, choices: choices) }
    }

    /// Serves streams of one topic, from when this returns.
    ///
    /// - Parameters:
    ///   - method: What is served.
    ///   - topic: The parts of its topic.
    ///   - handler: Works with a stream; when it returns, the stream is closed.
    /// - Throws: ``RPCError``: `already_exists` for a second handler, or why the bus cannot be reached.
    package func register<Request: Message, Response: Message>(
        _ method: RPCStreamMethod<Request, Response>, topic: [String] = [],
        handler: @escaping @Sendable (RPCStream<Response, Request>) async -> Void
    ) async throws(RPCError) {
        let worker = StreamHandler(context(method.service), requiresClaim: method.requiresClaim) { seed, metadata in
            let stream = RPCStream<Response, Request>(seed, metadata: metadata)
            return StreamHandler.Session(link: stream.link) { await handler(stream) }
        }
        let choices = ChannelName.claimResponses(method.service, method.name, topic: topic)
        try await add(
            ChannelName.serverStreams(method.service, method.name, topic: topic), sharing: .everyone,
            choices: method.requiresClaim ? choices : nil
        ) { messages, choices in await worker.run(messages: messages, choices: choices) }
    }

    /// Serves a method of one topic no more. Requests at work are answered. Harmless if it was not served.
    package func deregister<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = []
    ) {
        remove(ChannelName.requests(method.service, method.name, topic: topic))
    }

    /// Serves streams of one topic no more; those that are open end. Harmless if it was not served.
    package func deregister<Request: Message, Response: Message>(
        _ method: RPCStreamMethod<Request, Response>, topic: [String] = []
    ) {
        remove(ChannelName.serverStreams(method.service, method.name, topic: topic))
    }

    /// Tells all subscribers.
    ///
    /// - Parameters:
    ///   - content: What is told.
    ///   - method: What they subscribed to.
    ///   - topic: The parts of its topic.
    /// - Throws: ``RPCError`` when the bus cannot be reached.
    package nonisolated func publish<Content: Message>(
        _ content: Content, to method: RPCSubscriptionMethod<Content>, topic: [String] = []
    ) async throws(RPCError) {
        try await bus.send(content, on: ChannelName.requests(method.service, method.name, topic: topic))
    }

    // MARK: Inside

    private func context(_ service: String) -> RequestHandler.Context {
        RequestHandler.Context(service: service, server: id, bus: bus, clock: clock, counters: counters)
    }

    private func add(
        _ channel: String, sharing: BusSharing, choices: String?,
        run: @escaping @Sendable (BusSubscription, BusSubscription?) async -> Void
    ) async throws(RPCError) {
        guard registrations[channel] == nil else { throw RPCError(.alreadyExists, "handler already exists") }
        lastRegistration += 1
        let number = lastRegistration
        registrations[channel] = Registration(number: number)
        do throws(MessageBusError) {
            // Choices first: a request may come as soon as it can, and its bid be chosen at once.
            let choices = try await subscribe(choices, for: channel, number, .everyone)
            guard let requests = try await subscribe(channel, for: channel, number, sharing) else { return }
            guard case .enqueued = begin.yield({ await run(requests, choices) }) else {
                choices?.cancel()
                throw .overloaded
            }
        } catch {
            if registrations[channel]?.number == number { remove(channel) }
            throw RPCError(error)
        }
    }

    private func subscribe(
        _ channel: String?, for key: String, _ number: Int, _ sharing: BusSharing
    ) async throws(MessageBusError) -> BusSubscription? {
        guard let channel else { return nil }
        let subscription = try await bus.subscribe(to: channel, sharing: sharing, capacity: RPCBounds.channel)
        // It may have been given up meanwhile, and asked for anew.
        guard registrations[key]?.number == number else {
            subscription.cancel()
            throw .closed
        }
        registrations[key]?.subscriptions.append(subscription)
        return subscription
    }

    /// Ends the subscription to requests alone: whoever works may still wait for a client's choice.
    private func remove(_ channel: String) {
        guard let registration = registrations.removeValue(forKey: channel) else { return }
        let requests = registration.subscriptions.filter { $0.channel == channel }
        for subscription in requests.isEmpty ? registration.subscriptions : requests { subscription.cancel() }
    }

    private func removeAll() {
        for channel in registrations.keys { remove(channel) }
    }
}
