internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
package import SwiftProtobuf

extension RPCClient {
    /// Asks every server, and gathers what they answer within the call's time.
    ///
    /// - Parameters:
    ///   - method: What is called.
    ///   - topic: The parts of its topic.
    ///   - request: What is asked.
    ///   - options: How long answers may take.
    ///   - isEnough: Whether no more needs to be waited for.
    /// - Returns: The answers, as they came.
    /// - Throws: ``RPCError`` when the question cannot be sent.
    package func callAll<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [], _ request: Request,
        options: RPCOptions = RPCOptions(),
        until isEnough: @Sendable ([Result<Response, RPCError>]) -> Bool = { _ in false }
    ) async throws(RPCError) -> [Result<Response, RPCError>] {
        var results: [Result<Response, RPCError>] = []
        try await hear(method, topic: topic, request, options: options) { (result: Result<Response, RPCError>) in
            results.append(result)
            return !isEnough(results)
        }
        return results
    }

    /// Asks every server, and hands on each answer as it comes, until the call's time is over.
    package func callAll<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [], _ request: Request,
        options: RPCOptions = RPCOptions(), each: @Sendable (Result<Response, RPCError>) async -> Void
    ) async throws(RPCError) {
        try await hear(method, topic: topic, request, options: options) { (result: Result<Response, RPCError>) in
            await each(result)
            return true
        }
    }

    /// What takes an answer says whether more of them are waited for.
    private func hear<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String], _ request: Request, options: RPCOptions,
        each: (Result<Response, RPCError>) async -> Bool
    ) async throws(RPCError) {
        let payload = try request.payload(orThrow: .malformedRequest)
        let requestID = RPCIdentifier.request()
        let answers = try expectAnswers(to: requestID)
        defer { forgetAnswers(to: requestID) }
        let end = clock.now() + options.timeout
        try await bus.send(
            self.request(requestID, payload, options, isMulti: true),
            on: ChannelName.requests(method.service, method.name, topic: topic))
        while clock.now() < end, let answer = await first(of: answers, within: end - clock.now()) {
            guard case .response(let response) = answer else { continue }
            guard await each(Self.result(response)) else { return }
        }
    }

    /// Hears what is told to all subscribers.
    ///
    /// - Parameters:
    ///   - method: What is subscribed to.
    ///   - topic: The parts of its topic.
    /// - Returns: What is told from now on.
    /// - Throws: ``RPCError`` when the bus cannot be reached.
    package nonisolated func subscribe<Content: Message>(
        to method: RPCSubscriptionMethod<Content>, topic: [String] = []
    ) async throws(RPCError) -> RPCSubscription<Content> {
        do {
            return RPCSubscription(
                try await bus.subscribe(
                    to: ChannelName.requests(method.service, method.name, topic: topic),
                    sharing: method.isQueue ? .queue : .everyone, capacity: RPCBounds.channel))
        } catch {
            throw RPCError(error)
        }
    }

    private static func result<Response: Message>(_ response: PSRPCResponse) -> Result<Response, RPCError> {
        if let failure = RPCError(response) { return .failure(failure) }
        return Result { () throws(RPCError) in
            try Response(payload: response.rawResponse, orThrow: .malformedResponse)
        }
    }
}

/// What is told to a method's subscribers, until it is cancelled.
package struct RPCSubscription<Content: Message>: Sendable {
    private let subscription: BusSubscription

    init(_ subscription: BusSubscription) { self.subscription = subscription }

    /// What is told; what cannot be read is left out.
    package var messages: AsyncCompactMapSequence<AsyncStream<[UInt8]>, Content> {
        subscription.messages.compactMap { Envelope.open($0, as: Content.self) }
    }

    /// Ends the subscription. Harmless when it has ended.
    package func cancel() { subscription.cancel() }
}
