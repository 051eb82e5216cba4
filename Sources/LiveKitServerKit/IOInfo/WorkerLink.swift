internal import LiveKitCore
internal import LiveKitPSRPC
internal import Logging
internal import SwiftProtobuf

/// Calls the workers of egress and ingress.
///
/// A bus that is away when the server starts is looked for again, so that workers are reached once it is there.
actor WorkerLink {
    private let bus: any MessageBus
    private let logger: Logger
    private var client: RPCClient?

    /// The services of the workers.
    private static let services: Set = [
        EgressRPC.service, EgressHandlerRPC.service, IngressRPC.service, IngressHandlerRPC.service,
    ]

    init(over bus: any MessageBus, logger: Logger) {
        self.bus = bus
        self.logger = logger
    }

    /// Makes calls possible until the task is cancelled.
    func run() async {
        await untilCancelled(retrying: WorkerBounds.reconnection) { () async throws(MessageBusError) in
            let client = RPCClient(services: Self.services, over: bus)
            try await client.start()
            self.client = client
            await client.run()
            self.client = nil
        } failed: { error in
            logger.warning("workers cannot be called yet", metadata: ["error": "\(error)"])
        }
    }

    /// Calls a method and waits for the answer.
    func call<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, topic: [String] = [], _ request: Request, options: RPCOptions
    ) async throws(RPCError) -> Response {
        guard let client else { throw RPCError(.unavailable, "the message bus cannot be reached") }
        return try await client.call(method, topic: topic, request, options: options)
    }
}

/// Does something again after a pause, whenever it failed or ended, until the task is cancelled.
func untilCancelled<Failure: Error>(
    retrying pause: Duration, _ body: () async throws(Failure) -> Void, failed: (Failure) -> Void
) async {
    while !Task.isCancelled {
        do throws(Failure) {
            try await body()
        } catch {
            failed(error)
        }
        guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
}
