internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// What is known of every egress: what workers and the API tell is stored, and told to webhooks.
struct EgressRecords: Sendable {
    let store: any EgressStore
    let webhooks: WebhookNotifier
    let logger: Logger

    /// A worker took an egress on. One that is known is not told of again: its worker and the API both come here.
    func create(_ info: Livekit_EgressInfo) async throws(RPCError) {
        do throws(RPCError) {
            _ = try await store.load(info.egressID)
            return
        } catch {
            guard error == .egressNotFound else { throw error }
        }
        try await store.add(info)
        webhooks.notify(.egressStarted, info)
    }

    /// What became of an egress. Whoever waits for its end hears of it even where it cannot be stored.
    func update(_ info: Livekit_EgressInfo) async throws(RPCError) {
        defer { announce(info) }
        try await store.update(info)
    }

    func load(_ id: String) async throws(RPCError) -> Livekit_EgressInfo { try await store.load(id) }

    func list(_ request: Livekit_ListEgressRequest) async throws(RPCError) -> Livekit_ListEgressResponse {
        var response = Livekit_ListEgressResponse()
        if request.egressID.isEmpty {
            response.items = try await store.list(room: request.roomName, isActive: request.active)
        } else {
            response.items = [try await store.load(request.egressID)]
        }
        return response
    }

    /// What a worker needed for an egress.
    func measure(_ metrics: Rpc_UpdateMetricsRequest) {
        logger.info(
            "egress measured",
            metadata: [
                "egressID": "\(metrics.info.egressID)", "averageCPU": "\(metrics.avgCpuUsage)",
                "maximumCPU": "\(metrics.maxCpuUsage)",
            ])
    }

    private func announce(_ info: Livekit_EgressInfo) {
        switch info.status {
        case .egressActive, .egressEnding: webhooks.notify(.egressUpdated, info)
        case .egressComplete, .egressFailed, .egressAborted, .egressLimitReached: webhooks.notify(.egressEnded, info)
        case .egressStarting, .UNRECOGNIZED: break
        }
    }
}

extension WebhookNotifier {
    /// Tells of an egress.
    nonisolated func notify(_ name: WebhookEventName, _ info: Livekit_EgressInfo) {
        var event = Livekit_WebhookEvent()
        event.event = name.rawValue
        event.room.sid = info.roomID
        event.room.name = info.roomName
        event.egressInfo = info
        notify(event)
    }
}
