import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf
import Testing

/// Methods of a service that exists only here, on messages that are at hand.
enum TestRPC {
    static let service = "Test"
    static let queue = RPCMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>.queue(service, "Queue")
    static let direct = RPCMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>.queue(service, "Direct", requiresClaim: false)
    static let affinity = RPCMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>.affinity(service, "Affinity")
    static let multi = RPCMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>.multi(service, "Multi")
    static let stream = RPCStreamMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>(service, "Stream", requiresClaim: false)
    static let claimedStream = RPCStreamMethod<Rpc_KeepalivePing, Rpc_KeepalivePing>(
        service, "ClaimedStream", requiresClaim: true)
    static let news = RPCSubscriptionMethod<Rpc_KeepalivePing>(service, "News")
}

extension RPCOptions {
    /// For what must come about however busy the machine is that runs the tests.
    static let patient = RPCOptions(
        timeout: .seconds(60), selection: RPCSelection(acceptsFirst: true, affinityTimeout: .seconds(60)))
}

extension Rpc_KeepalivePing {
    init(_ timestamp: Int64) {
        self.init()
        self.timestamp = timestamp
    }
}

/// A client and some servers, running for as long as a test's body does.
func withNodes(
    servers: Int = 1, over bus: any MessageBus = LocalMessageBus(), clock: RPCClock = .system,
    _ body: @Sendable (RPCClient, [RPCServer], any MessageBus) async throws -> Void
) async throws {
    let client = RPCClient(services: [TestRPC.service], streaming: [TestRPC.service], over: bus, clock: clock)
    try await client.start()
    let servers = (0..<servers).map { RPCServer(id: "SRV_\($0)", over: bus, clock: clock) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        for server in servers { group.addTask { await server.run() } }
        defer { group.cancelAll() }
        try await body(client, servers, bus)
    }
}
