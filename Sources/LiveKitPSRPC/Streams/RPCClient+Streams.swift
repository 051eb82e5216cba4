internal import LiveKitCore
internal import LiveKitProtobuf
package import SwiftProtobuf

extension RPCClient {
    /// Opens a stream to one server.
    ///
    /// - Parameters:
    ///   - method: What is opened.
    ///   - topic: The parts of its topic.
    ///   - options: How long the opening may take, and who is chosen.
    /// - Returns: The stream, once a server has it.
    /// - Throws: ``RPCError`` when none took it in time.
    package func open<Request: Message, Response: Message>(
        _ method: RPCStreamMethod<Request, Response>, topic: [String] = [], options: RPCOptions = RPCOptions()
    ) async throws(RPCError) -> RPCStream<Request, Response> {
        let channel = ChannelName.serverStreams(method.service, method.name, topic: topic)
        let id = RPCIdentifier.stream()
        let stream = RPCStream<Request, Response>(
            StreamLink.Seed(
                id: id, clock: clock, counters: counters,
                transmit: { [bus] envelope throws(RPCError) in try await bus.send(envelope, on: channel) },
                post: { [bus, counters] in bus.post($0, on: channel, counting: counters) },
                onClose: { await self.remove(stream: id) }))
        add(stream.link)
        do {
            try await begin(method, topic, options, stream: id, channel)
            return stream
        } catch {
            await stream.close(error)
            throw error
        }
    }

    private func begin<Request: Message, Response: Message>(
        _ method: RPCStreamMethod<Request, Response>, _ topic: [String], _ options: RPCOptions, stream: String,
        _ channel: String
    ) async throws(RPCError) {
        let requestID = RPCIdentifier.request()
        let answers = try expectAnswers(to: requestID)
        defer { forgetAnswers(to: requestID) }
        let state = CallState(
            requestID: requestID, timeout: options.timeout,
            selection: method.requiresClaim ? options.selection ?? .standard(hasAffinity: false) : nil,
            now: clock.now())
        var envelope = PSRPCStream()
        envelope.streamID = stream
        envelope.requestID = requestID
        envelope.sentAt = clock.unixNanoseconds()
        envelope.expiry = clock.expiry(after: options.timeout)
        envelope.open.nodeID = id
        envelope.open.metadata = options.metadata
        try await bus.send(envelope, on: channel)
        _ = try await settle(
            requestID, state, answers,
            choices: ChannelName.claimResponses(method.service, method.name, topic: topic))
    }
}
