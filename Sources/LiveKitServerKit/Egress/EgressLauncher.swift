internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// Has workers begin, change and end egresses (psrpc's `EgressInternal` and `EgressHandler`).
struct EgressLauncher: Sendable {
    let workers: WorkerLink
    let records: EgressRecords
    let patience: WorkerPatience
    let logger: Logger

    /// Begins an egress at the worker that likes it most.
    func start(_ wanted: Rpc_StartEgressRequest) async throws(RPCError) -> Livekit_EgressInfo {
        var request = wanted
        if request.egressID.isEmpty { request.egressID = GUID.make("EG_") }
        let info = try await launch(request)
        do {
            try await records.create(info)
        } catch {
            // It runs; its worker tells of it again with each change.
            logger.error(
                "an egress that began cannot be stored",
                metadata: ["egressID": "\(info.egressID)", "error": "\(error.message)"])
        }
        return info
    }

    func stop(_ request: Livekit_StopEgressRequest) async throws(RPCError) -> Livekit_EgressInfo {
        try await workers.call(EgressHandlerRPC.stopEgress, topic: [request.egressID], request, options: patience.call)
    }

    func updateStream(_ request: Livekit_UpdateStreamRequest) async throws(RPCError) -> Livekit_EgressInfo {
        try await workers.call(
            EgressHandlerRPC.updateStream, topic: [request.egressID], request, options: patience.call)
    }

    private func launch(_ request: Rpc_StartEgressRequest) async throws(RPCError) -> Livekit_EgressInfo {
        // A worker with nothing to do bids 1.
        let selection = RPCSelection(
            maximumAffinity: 1, affinityTimeout: patience.bidding, shortCircuitTimeout: patience.laterBids)
        var options = RPCOptions(timeout: patience.launch, selection: selection)
        var pause = patience.launchPause
        var attempt = 1
        while true {
            do {
                return try await workers.call(EgressRPC.startEgress, request, options: options)
            } catch {
                guard error.mayPass, attempt < patience.launchAttempts else { throw error }
            }
            // So that nodes that failed together do not try again together.
            let time = Duration.nanoseconds(pause.nanoseconds) * Double.random(in: 1..<2)
            guard (try? await Task.sleep(for: time)) != nil else { throw .requestCanceled }
            options.timeout = options.timeout * 2
            pause = pause * 2
            attempt += 1
        }
    }
}

extension RPCError {
    /// Whether a worker may have a place for it later.
    fileprivate var mayPass: Bool { code == .unavailable || code == .resourceExhausted }
}
