internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
package import SwiftProtobuf

/// Calls methods of services on other nodes, over a message bus.
///
/// Each service's answers, bids and streams come on channels of this client's own. Calls may be made once it
/// has started and ``run()`` runs.
package actor RPCClient {
    /// What concerns one call.
    enum Answer: Sendable {
        case bid(PSRPCClaimRequest)
        case response(PSRPCResponse)
        /// Time has passed.
        case tick
    }

    /// A call's channels and shape.
    struct Route: Sendable {
        var requests: String
        var choices: String
        var selection: RPCSelection?
    }

    package nonisolated let id: String
    package nonisolated let counters: RPCCounters
    nonisolated let bus: any MessageBus
    nonisolated let clock: RPCClock
    private let services: Set<String>
    private let streaming: Set<String>
    private var responses: [BusSubscription] = []
    private var bids: [BusSubscription] = []
    private var streamMessages: [BusSubscription] = []
    private var calls: [String: AsyncStream<Answer>.Continuation] = [:]
    private var streams: [String: StreamLink] = [:]
    private var isClosed = false

    /// - Parameters:
    ///   - services: The names of those that will be called.
    ///   - streaming: Those among them with methods that open streams.
    ///   - id: The client's name in its channels, which nobody else may have for the same service.
    ///   - bus: What carries the calls.
    ///   - clock: The clocks.
    ///   - counters: Where happenings are counted.
    package init(
        services: Set<String>, streaming: Set<String> = [], id: String = RPCIdentifier.client(),
        over bus: any MessageBus, clock: RPCClock = .system, counters: RPCCounters = RPCCounters()
    ) {
        (self.id, self.bus, self.clock, self.counters) = (id, bus, clock, counters)
        (self.services, self.streaming) = (services, streaming)
    }

    /// Begins to listen for answers, once, before ``run()``.
    ///
    /// - Throws: ``MessageBusError`` when the bus cannot be reached.
    package func start() async throws(MessageBusError) {
        let names = services.sorted()
        responses = try await subscribe(names.map { ChannelName.responses($0, client: id) })
        bids = try await subscribe(names.map { ChannelName.claimRequests($0, client: id) })
        streamMessages = try await subscribe(streaming.sorted().map { ChannelName.clientStreams($0, client: id) })
    }

    /// Hears answers until the task is cancelled. Then calls that wait fail, and streams are closed.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for channel in responses {
                group.addTask { for await bytes in channel.messages { await self.receiveResponse(bytes) } }
            }
            for channel in bids {
                group.addTask { for await bytes in channel.messages { await self.receiveBid(bytes) } }
            }
            for channel in streamMessages {
                group.addTask { for await bytes in channel.messages { await self.receiveStream(bytes) } }
            }
        }
        isClosed = true
        for channel in responses + bids + streamMessages { channel.cancel() }
        for call in calls.values { call.finish() }
        await streams.values.close(.streamClosed)
    }

    /// Calls a method and waits for one server's answer.
    ///
    /// - Parameters:
    ///   - method: What is called.
    ///   - topic: The parts of its topic.
    ///   - request: What is asked.
    ///   - options: How long it may take, and who answers.
    /// - Returns: The answer.
    /// - Throws: ``RPCError``, the server's or one of this side.
    package func call<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [], _ request: Request,
        options: RPCOptions = RPCOptions()
    ) async throws(RPCError) -> Response {
        let payload = try request.payload(orThrow: .malformedRequest)
        let standard = RPCSelection.standard(hasAffinity: method.hasAffinity)
        let route = Route(
            requests: ChannelName.requests(method.service, method.name, topic: topic),
            choices: ChannelName.claimResponses(method.service, method.name, topic: topic),
            selection: method.requiresClaim ? options.selection ?? standard : nil)
        var attempt = options
        while true {
            do {
                return try Response(payload: await ask(payload, route, attempt), orThrow: .malformedResponse)
            } catch {
                attempt.retries.attempts -= 1
                attempt.timeout = attempt.timeout + options.retries.backoff
                guard error.isTransient(claimed: method.requiresClaim), attempt.retries.attempts > 0, !Task.isCancelled
                else { throw error }
            }
        }
    }

    // MARK: Calls

    /// Begins to hear what concerns a request.
    func expectAnswers(to requestID: String) throws(RPCError) -> AsyncStream<Answer> {
        guard !isClosed else { throw RPCError(.canceled, "client is closed") }
        // The newest are kept, for the answer comes after the bids.
        let (answers, continuation) = AsyncStream.makeStream(
            of: Answer.self, bufferingPolicy: .bufferingNewest(RPCBounds.answers))
        calls[requestID] = continuation
        return answers
    }

    func forgetAnswers(to requestID: String) { calls.removeValue(forKey: requestID)?.finish() }

    func request(_ id: String, _ payload: Data, _ options: RPCOptions, isMulti: Bool) -> PSRPCRequest {
        var request = PSRPCRequest()
        request.requestID = id
        request.clientID = self.id
        request.sentAt = clock.unixNanoseconds()
        request.expiry = clock.expiry(after: options.timeout)
        request.multi = isMulti
        request.rawRequest = payload
        request.metadata = options.metadata
        return request
    }

    /// Feeds a call's machine until it is done.
    func settle(
        _ requestID: String, _ state: CallState, _ answers: AsyncStream<Answer>, choices: String
    ) async throws(RPCError) -> Data {
        let result: Result<Data, RPCError> = await withTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            var state = state
            var alarm: MediaInstant?
            setAlarm(&alarm, state.deadline, requestID, &group)
            for await answer in answers {
                let now = clock.now()
                switch answer {
                case .bid(let bid): state.receive(bid, now: now)
                case .response(let response): state.receive(response, now: now)
                case .tick: state.handleTimeout(now: now)
                }
                while let output = state.pollOutput() {
                    switch output {
                    case .finish(let result): return result
                    case .choose(let choice):
                        do throws(RPCError) {
                            try await bus.send(choice, on: choices)
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                setAlarm(&alarm, state.deadline, requestID, &group)
            }
            return .failure(.requestCanceled)
        }
        return try result.get()
    }

    // MARK: Inside

    private func subscribe(_ channels: [String]) async throws(MessageBusError) -> [BusSubscription] {
        var subscriptions: [BusSubscription] = []
        for channel in channels {
            do {
                subscriptions.append(
                    try await bus.subscribe(to: channel, sharing: .everyone, capacity: RPCBounds.channel))
            } catch {
                for subscription in subscriptions { subscription.cancel() }
                throw error
            }
        }
        return subscriptions
    }

    private func ask(_ payload: Data, _ route: Route, _ options: RPCOptions) async throws(RPCError) -> Data {
        let requestID = RPCIdentifier.request()
        let answers = try expectAnswers(to: requestID)
        defer { forgetAnswers(to: requestID) }
        let state = CallState(
            requestID: requestID, timeout: options.timeout, selection: route.selection, now: clock.now())
        try await bus.send(request(requestID, payload, options, isMulti: false), on: route.requests)
        return try await settle(requestID, state, answers, choices: route.choices)
    }

    private func setAlarm(
        _ alarm: inout MediaInstant?, _ deadline: MediaInstant?, _ requestID: String, _ group: inout TaskGroup<Void>
    ) {
        guard let deadline, deadline != alarm, let call = calls[requestID] else { return }
        alarm = deadline
        let time = deadline - clock.now()
        group.addTask {
            guard (try? await Task.sleep(for: Duration(time))) != nil else { return }
            call.yield(.tick)
        }
    }

    private func receiveResponse(_ bytes: [UInt8]) {
        guard let response: PSRPCResponse = Envelope.open(bytes) else { return counters.malformed.increment() }
        calls[response.requestID]?.yield(.response(response))
    }

    private func receiveBid(_ bytes: [UInt8]) {
        guard let bid: PSRPCClaimRequest = Envelope.open(bytes) else { return counters.malformed.increment() }
        calls[bid.requestID]?.yield(.bid(bid))
    }

    private func receiveStream(_ bytes: [UInt8]) async {
        guard let envelope: PSRPCStream = Envelope.open(bytes) else { return counters.malformed.increment() }
        if case .ack = envelope.body { calls[envelope.requestID]?.yield(.response(PSRPCResponse())) }
        await streams[envelope.streamID]?.receive(envelope)
    }

    // MARK: Streams

    func add(_ link: StreamLink) { streams[link.id] = link }

    func remove(stream id: String) { streams[id] = nil }
}
