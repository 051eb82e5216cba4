internal import LiveKitCore
internal import LiveKitProtobuf

/// Holds the streams that clients open to one method and topic.
actor StreamHandler {
    /// A stream that was accepted.
    struct Session: Sendable {
        let link: StreamLink
        /// Works with it for as long as it is to live.
        let serve: @Sendable () async -> Void
    }

    private let context: RequestHandler.Context
    private let desk: ClaimDesk
    private let requiresClaim: Bool
    private let accept: @Sendable (StreamLink.Seed, _ metadata: [String: String]) -> Session
    private var streams: [String: StreamLink] = [:]
    /// Streams that were asked for and are not accepted yet.
    private var openings: Set<String> = []

    init(
        _ context: RequestHandler.Context, requiresClaim: Bool,
        accept: @escaping @Sendable (StreamLink.Seed, _ metadata: [String: String]) -> Session
    ) {
        self.context = context
        self.requiresClaim = requiresClaim
        self.accept = accept
        desk = context.desk
    }

    /// Holds streams until the subscription is cancelled, which ends them.
    func run(messages: BusSubscription, choices: BusSubscription?) async {
        await withDiscardingTaskGroup { group in
            if let choices {
                group.addTask { [desk] in for await bytes in choices.messages { await desk.receive(bytes) } }
            }
            await withDiscardingTaskGroup { group in
                for await bytes in messages.messages { await receive(bytes, &group) }
                await streams.values.close(.streamEnded)
                group.cancelAll()
            }
            choices?.cancel()
        }
    }

    // MARK: Inside

    private func receive(_ bytes: [UInt8], _ group: inout DiscardingTaskGroup) async {
        guard let envelope: PSRPCStream = Envelope.open(bytes) else { return context.counters.malformed.increment() }
        guard case .open(let opening) = envelope.body else {
            // A client may give up what is not accepted yet.
            if case .close = envelope.body { openings.remove(envelope.streamID) }
            await streams[envelope.streamID]?.receive(envelope)
            return
        }
        guard context.clock.unixNanoseconds() < envelope.expiry else { return context.counters.expired.increment() }
        guard streams[envelope.streamID] == nil, streams.count + openings.count < RPCBounds.streams,
            openings.insert(envelope.streamID).inserted
        else { return context.counters.refused.increment() }
        group.addTask { await self.open(envelope, opening) }
    }

    private func open(_ envelope: PSRPCStream, _ opening: PSRPCStreamOpen) async {
        if requiresClaim {
            let isOurs = await desk.wins(
                envelope.requestID, of: opening.nodeID, affinity: 1, expiry: envelope.expiry)
            guard isOurs else {
                openings.remove(envelope.streamID)
                return
            }
        }
        guard openings.remove(envelope.streamID) != nil else { return }
        let session = accept(seed(envelope.streamID, client: opening.nodeID), opening.metadata)
        streams[envelope.streamID] = session.link
        await session.link.acknowledge(envelope)
        await session.serve()
        await session.link.close(.streamClosed)
    }

    private func seed(_ id: String, client: String) -> StreamLink.Seed {
        let channel = ChannelName.clientStreams(context.service, client: client)
        return StreamLink.Seed(
            id: id, clock: context.clock, counters: context.counters,
            transmit: { [bus = context.bus] envelope throws(RPCError) in try await bus.send(envelope, on: channel) },
            post: { [context] in context.bus.post($0, on: channel, counting: context.counters) },
            onClose: { await self.remove(id) })
    }

    private func remove(_ id: String) { streams[id] = nil }
}

extension Collection<StreamLink> {
    /// Closes all of them at once.
    func close(_ cause: RPCError) async {
        await withDiscardingTaskGroup { group in
            for link in self { group.addTask { await link.close(cause) } }
        }
    }
}
