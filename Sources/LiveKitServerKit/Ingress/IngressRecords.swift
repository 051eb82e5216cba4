internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// What is known of every ingress: what workers and the API tell is stored, and told to webhooks.
struct IngressRecords: Sendable {
    let store: any IngressStore
    let webhooks: WebhookNotifier
    let logger: Logger

    /// Remembers a new ingress.
    func create(_ info: Livekit_IngressInfo) async throws(RPCError) -> Rpc_CreateIngressResponse {
        try await store.write(info)
        try await store.write(Livekit_IngressState(), of: info.ingressID)
        var response = Rpc_CreateIngressResponse()
        response.info = info
        return response
    }

    /// The ingress that somebody wants to send to. Workers make their tokens themselves.
    func load(_ request: Rpc_GetIngressInfoRequest) async throws(RPCError) -> Rpc_GetIngressInfoResponse {
        var response = Rpc_GetIngressInfoResponse()
        if !request.ingressID.isEmpty {
            response.info = try await store.load(request.ingressID)
        } else if !request.streamKey.isEmpty {
            response.info = try await store.load(streamKey: request.streamKey)
        } else {
            throw RPCError(.unknown, "request needs to specify either IngressId or StreamKey")
        }
        return response
    }

    /// What an ingress does now.
    func update(_ request: Rpc_UpdateIngressStateRequest) async throws(RPCError) {
        var info = try await store.load(request.ingressID)
        // What a worker said later may have come before.
        guard try await store.write(request.state, of: request.ingressID) else { return }
        let before = info.state.status
        info.state = request.state
        logger.info(
            "ingress state",
            metadata: [
                "ingressID": "\(info.ingressID)", "status": "\(info.state.status)", "error": "\(info.state.error)",
            ])
        guard info.state.status != before else { return }
        switch info.state.status {
        case .endpointError, .endpointInactive, .endpointComplete: notify(.ingressEnded, info)
        case .endpointPublishing: notify(.ingressStarted, info)
        case .endpointBuffering, .UNRECOGNIZED: break
        }
    }

    private func notify(_ name: WebhookEventName, _ info: Livekit_IngressInfo) {
        var event = Livekit_WebhookEvent()
        event.event = name.rawValue
        event.room.name = info.roomName
        event.ingressInfo = info
        webhooks.notify(event)
    }
}
