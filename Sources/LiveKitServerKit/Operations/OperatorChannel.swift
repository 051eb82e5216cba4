internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// A connection to a port for operators: plain HTTP, guarded as on the main port. Its gate is its own, so that a crowd at
/// one port does not blind those who look in at the other.
struct OperatorChannel: ServerChildChannel, HTTPChannelHandler {
    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// `nil` for a connection that is not taken.
        let http: HTTPChannel?
    }

    let responder: HTTPChannelHandler.Responder
    let timeouts: LiveKitServerConfiguration.Timeouts
    let gate: ConnectionGate
    let services: ControlServices

    /// Who asks for metrics asks every few seconds.
    private static let idleTimeout = Duration.seconds(120)

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard services.takes(channel, at: gate) else {
            // Closed where it is served: here it is not registered yet.
            return channel.eventLoop.makeSucceededFuture(Value(channel: channel, http: nil))
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: .bounded)
            try channel.pipeline.syncOperations.add(requestGuard())
            try channel.pipeline.syncOperations.addHandler(UpgradeFilter(onLateHandshake: nil))
            return Value(
                channel: channel,
                http: try HTTPChannel(answeringOn: channel, idleTimeout: Self.idleTimeout, logger: logger))
        }
    }

    private func requestGuard() -> RequestGuard {
        RequestGuard(
            headTimeout: timeouts.requestHead, bodyTimeout: timeouts.requestBody,
            bodyLimit: HTTPBounds.operatorBodyBytes + HTTPBounds.bodyOverrunBytes,
            onViolation: { [services] violation in services.counters.connectionRefused(violation.rawValue) })
    }

    func handle(value: Value, logger: Logger) async {
        guard let http = value.http else { return value.channel.close(promise: nil) }
        await handleHTTP(asyncChannel: http, logger: logger)
    }
}
