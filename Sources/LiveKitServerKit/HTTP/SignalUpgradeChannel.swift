internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOWebSocket

/// A connection's life: HTTP answered by the router, or, after an upgrade of `/rtc`, signalling.
///
/// Joins Hummingbird's child channel with NIO's typed upgrade. Whether a client may join is decided before the
/// upgrade, so that a refusal is a plain HTTP answer with its status.
struct SignalUpgradeChannel: ServerChildChannel, HTTPChannelHandler {
    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    typealias SignalChannel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    enum Outcome: Sendable {
        case http(HTTPChannel)
        case signal(SignalChannel)
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
        let admission: Admission
        let successor: ConnectionSuccessor<Value>
    }

    let responder: HTTPChannelHandler.Responder
    /// Decides about a request to upgrade to signalling, which came from an address.
    let admit: @Sendable (HTTPRequestHead, _ peer: String?) async throws -> AdmittedSocket
    /// Serves an upgraded connection until it ends.
    let serve: @Sendable (AdmittedSocket, SignalChannel) async -> Void
    let timeouts: LiveKitServerConfiguration.Timeouts
    let maximumFrameBytes: Int
    /// Bytes of a request's body after which the connection ends.
    let maximumBodyBytes: Int
    let services: ControlServices

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let admission = Admission()
        let successor = ConnectionSuccessor<Value>()
        guard services.takes(channel, at: services.gate) else {
            // Closed where it is served: here it is not registered yet.
            let refused: EventLoopFuture<Outcome> = channel.eventLoop.makeFailedFuture(ChannelError.eof)
            return channel.eventLoop.makeSucceededFuture(
                Value(channel: channel, outcome: refused, admission: admission, successor: successor))
        }
        return channel.eventLoop.makeCompletedFuture {
            var pipeline = NIOUpgradableHTTPServerPipelineConfiguration(
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader(admission)],
                    notUpgradingCompletionHandler: { channel in self.configureHTTP(channel, logger) }))
            // A request that cannot be parsed is answered by the guard; with NIO's handler besides it,
            // a second answer would go into a pipeline that holds no request.
            pipeline.enableErrorHandling = false
            pipeline.decoderConfiguration = .bounded
            let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: pipeline)
            let upgradeHandler = try channel.pipeline.syncOperations.handler(
                type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
            let filter = UpgradeFilter { channel, head in
                successor.succeed(channel, with: head) { setup(channel: $0, logger: logger) }
            }
            try channel.pipeline.syncOperations.addHandler(filter, position: .before(upgradeHandler))
            try channel.pipeline.syncOperations.add(requestGuard())
            return Value(channel: channel, outcome: outcome, admission: admission, successor: successor)
        }
    }

    /// Somebody who opens connections and never finishes a request is shown out.
    private func requestGuard() -> RequestGuard {
        RequestGuard(
            headTimeout: timeouts.requestHead, bodyTimeout: timeouts.requestBody, bodyLimit: maximumBodyBytes,
            onViolation: { [services] violation in services.counters.connectionRefused(violation.rawValue) })
    }

    private func upgrader(_ admission: Admission) -> NIOTypedWebSocketServerUpgrader<Outcome> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: maximumFrameBytes,
            shouldUpgrade: { channel, head in
                let promise = channel.eventLoop.makePromise(of: HTTPHeaders?.self)
                let peer = channel.remoteAddress?.plainIPAddress
                promise.completeWithTask { await self.decide(head, from: peer, admission) }
                return promise.futureResult
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let filter = try channel.pipeline.syncOperations.handler(type: UpgradeFilter.self)
                    channel.pipeline.syncOperations.removeHandler(filter, promise: nil)
                    try channel.pipeline.syncOperations.removeRequestGuard()
                    return .signal(try SignalChannel(wrappingChannelSynchronously: channel))
                }
            })
    }

    private func decide(
        _ head: HTTPRequestHead, from peer: String?, _ admission: Admission
    ) async -> HTTPHeaders? {
        do {
            var session = try await admit(head, peer)
            let compression = session.acceptCompression(offers: head.headers["sec-websocket-extensions"])
            guard admission.admit(session) else {
                await session.end()
                return nil
            }
            return compression.map { ["Sec-WebSocket-Extensions": $0.response] } ?? HTTPHeaders()
        } catch {
            let unexpected = HTTPFailure(status: .internalServerError, message: "internal error")
            admission.refuse(error as? HTTPFailure ?? unexpected)
            return nil
        }
    }

    private func configureHTTP(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<Outcome> {
        channel.eventLoop.makeCompletedFuture {
            .http(try HTTPChannel(answeringOn: channel, idleTimeout: timeouts.httpIdle, logger: logger))
        }
    }

    func handle(value: Value, logger: Logger) async {
        let outcome = await withTaskCancellationHandler {
            try? await value.outcome.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        switch outcome {
        case .http(let channel):
            if let failure = value.admission.takeRefusal() {
                await answer(failure, channel)
            } else {
                await handleHTTP(asyncChannel: channel, logger: logger)
                guard let next = try? await value.successor.take()?.get() else { return }
                await handle(value: next, logger: logger)
            }
        case .signal(let channel):
            guard let session = value.admission.takeSession() else { return value.channel.close(promise: nil) }
            await serve(session, channel)
        case nil:
            // The connection was not taken, or went while it was being upgraded.
            value.channel.close(promise: nil)
            await value.admission.takeSession()?.end()
        }
    }

    /// Answers a refused upgrade and ends the connection: NIO has swallowed the request, so no other answer can
    /// be given on it.
    private func answer(_ failure: HTTPFailure, _ channel: HTTPChannel) async {
        var response = Response(failure)
        response.headers[.connection] = "close"
        let body = ByteBuffer(string: failure.message)
        response.headers[.contentLength] = "\(body.readableBytes)"
        let parts: [HTTPResponsePart] = [.head(response.head), .body(body), .end(nil)]
        try? await channel.executeThenClose { _, outbound in
            try await outbound.write(contentsOf: parts)
        }
    }
}
