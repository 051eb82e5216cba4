import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf

@testable import LiveKitServerKit

/// What a worker of egress is to a server: it bids for egresses, tells what becomes of them, and records nothing.
actor EgressWorker {
    private let server: RPCServer
    private let io: IOInfoClient
    private(set) var requests: [Rpc_StartEgressRequest] = []
    private(set) var updates: [Livekit_UpdateStreamRequest] = []
    private var infos: [String: Livekit_EgressInfo] = [:]
    /// What the next starts fail with.
    private var failures: [RPCError] = []

    private init(over bus: any MessageBus, io: IOInfoClient) {
        server = RPCServer(over: bus)
        self.io = io
    }

    /// Lets a worker work for as long as the body runs.
    static func with(_ bus: any MessageBus, _ body: @Sendable (EgressWorker) async throws -> Void) async throws {
        try await IOInfoClient.with(bus) { io in
            let worker = EgressWorker(over: bus, io: io)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await worker.server.run() }
                defer { group.cancelAll() }
                try await worker.server.register(EgressRPC.startEgress, affinity: { _ in 1 }) {
                    request throws(RPCError) in
                    try await worker.start(request)
                }
                try await body(worker)
            }
        }
    }

    func fail(_ errors: RPCError...) { failures = errors }

    /// Tells what became of an egress.
    func report(_ id: String, _ status: Livekit_EgressStatus, endedAt: Int64 = 0) async throws {
        infos[id]?.status = status
        infos[id]?.endedAt = endedAt
        if let info = infos[id] { _ = try await io.call(IOInfoRPC.updateEgress, info) }
    }

    /// Ends an egress and hears of it no more.
    func end(_ id: String, _ status: Livekit_EgressStatus, at time: Int64) async throws {
        await server.deregister(EgressHandlerRPC.stopEgress, topic: [id])
        await server.deregister(EgressHandlerRPC.updateStream, topic: [id])
        try await report(id, status, endedAt: time)
    }

    private func start(_ request: Rpc_StartEgressRequest) async throws(RPCError) -> Livekit_EgressInfo {
        requests.append(request)
        if !failures.isEmpty { throw failures.removeFirst() }
        var info = Livekit_EgressInfo()
        info.egressID = request.egressID
        info.roomID = request.roomID
        info.status = .egressStarting
        switch request.request {
        case .egress(let egress): (info.roomName, info.egress) = (egress.roomName, egress)
        case .roomComposite(let composite): (info.roomName, info.roomComposite) = (composite.roomName, composite)
        case .web(let web): info.web = web
        case .participant(let participant): (info.roomName, info.participant) = (participant.roomName, participant)
        case .trackComposite(let composite): (info.roomName, info.trackComposite) = (composite.roomName, composite)
        case .track(let track): (info.roomName, info.track) = (track.roomName, track)
        case .replay, nil: break
        }
        infos[info.egressID] = info
        try await server.register(EgressHandlerRPC.stopEgress, topic: [info.egressID]) { request throws(RPCError) in
            try await self.stop(request)
        }
        try await server.register(EgressHandlerRPC.updateStream, topic: [info.egressID]) {
            request throws(RPCError) in
            try await self.update(request)
        }
        return info
    }

    private func stop(_ request: Livekit_StopEgressRequest) throws(RPCError) -> Livekit_EgressInfo {
        guard var info = infos[request.egressID] else { throw .egressNotFound }
        info.status = .egressEnding
        infos[request.egressID] = info
        return info
    }

    private func update(_ request: Livekit_UpdateStreamRequest) throws(RPCError) -> Livekit_EgressInfo {
        updates.append(request)
        guard let info = infos[request.egressID] else { throw .egressNotFound }
        return info
    }
}

/// A worker's way to whichever node serves `IOInfo`.
struct IOInfoClient: Sendable {
    let client: RPCClient

    static func with(_ bus: any MessageBus, _ body: @Sendable (IOInfoClient) async throws -> Void) async throws {
        let client = RPCClient(services: [IOInfoRPC.service], over: bus)
        try await client.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await body(IOInfoClient(client: client))
        }
    }

    func call<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, _ request: Request
    ) async throws(RPCError) -> Response {
        try await client.call(method, request, options: RPCOptions(retries: .standard))
    }
}
