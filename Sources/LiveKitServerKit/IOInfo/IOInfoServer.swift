internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// Serves psrpc's `IOInfo`, by which workers of egress and ingress read and write what is known of them.
struct IOInfoServer: Sendable {
    let bus: any MessageBus
    let egress: EgressRecords
    let ingress: IngressRecords
    let clock: ServerClock
    let logger: Logger

    /// Serves until the task is cancelled, and forgets egresses that ended long ago.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sweep() }
            await untilCancelled(retrying: WorkerBounds.reconnection) { () async throws(RPCError) in
                try await serve()
            } failed: { error in
                logger.warning("workers cannot reach this server yet", metadata: ["error": "\(error.message)"])
            }
            group.cancelAll()
        }
    }

    private func serve() async throws(RPCError) {
        let server = RPCServer(over: bus)
        let failure: RPCError? = await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            defer { group.cancelAll() }
            do throws(RPCError) {
                try await addEgress(to: server)
                try await addIngress(to: server)
            } catch {
                return error
            }
            await group.next()
            return nil
        }
        if let failure { throw failure }
    }

    private func addEgress(to server: RPCServer) async throws(RPCError) {
        try await server.register(IOInfoRPC.createEgress) { info throws(RPCError) in
            try await egress.create(info)
            return Google_Protobuf_Empty()
        }
        try await server.register(IOInfoRPC.updateEgress) { info throws(RPCError) in
            try await egress.update(info)
            return Google_Protobuf_Empty()
        }
        try await server.register(IOInfoRPC.getEgress) { request throws(RPCError) in
            try await egress.load(request.egressID)
        }
        try await server.register(IOInfoRPC.listEgress) { request throws(RPCError) in
            try await egress.list(request)
        }
        try await server.register(IOInfoRPC.updateMetrics) { metrics throws(RPCError) in
            egress.measure(metrics)
            return Google_Protobuf_Empty()
        }
    }

    private func addIngress(to server: RPCServer) async throws(RPCError) {
        try await server.register(IOInfoRPC.createIngress) { info throws(RPCError) in
            try await ingress.create(info)
        }
        try await server.register(IOInfoRPC.getIngressInfo) { request throws(RPCError) in
            try await ingress.load(request)
        }
        try await server.register(IOInfoRPC.updateIngressState) { request throws(RPCError) in
            try await ingress.update(request)
            return Google_Protobuf_Empty()
        }
    }

    private func sweep() async {
        while (try? await Task.sleep(for: WorkerBounds.sweepPeriod)) != nil {
            let now = clock.unixMilliseconds() &* 1_000_000
            do throws(RPCError) {
                try await egress.store.removeEnded(before: now &- WorkerBounds.memory.nanoseconds)
            } catch {
                logger.warning("ended egresses are not forgotten yet", metadata: ["error": "\(error.message)"])
            }
        }
    }
}
