internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Has workers begin, change and end what comes in (psrpc's `IngressInternal` and `IngressHandler`).
struct IngressWorkers: Sendable {
    let link: WorkerLink
    let patience: WorkerPatience

    /// Has a worker fetch what its URL names. The worker remembers the ingress.
    func start(_ info: Livekit_IngressInfo) async throws(RPCError) -> Livekit_IngressInfo {
        var request = Rpc_StartIngressRequest()
        request.info = info
        return try await link.call(IngressRPC.startIngress, request, options: patience.call)
    }

    func update(_ request: Livekit_UpdateIngressRequest) async throws(RPCError) {
        _ = try await link.call(
            IngressHandlerRPC.updateIngress, topic: [request.ingressID], request, options: patience.call)
    }

    func delete(_ request: Livekit_DeleteIngressRequest) async throws(RPCError) {
        _ = try await link.call(
            IngressHandlerRPC.deleteIngress, topic: [request.ingressID], request, options: patience.call)
    }
}
