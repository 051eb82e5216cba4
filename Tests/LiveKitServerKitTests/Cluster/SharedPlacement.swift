import LiveKitPSRPC

@testable import LiveKitServerKit

/// Where rooms are, for nodes of one process.
actor SharedPlacement: RoomPlacing {
    private var nodes: [String] = []
    private var rooms: [String: String] = [:]
    private var draining: Set<String> = []

    /// New rooms go to the node that was added first.
    func add(_ node: String) { nodes.append(node) }

    /// The node is gone, and with it its rooms.
    func remove(_ node: String) { nodes.removeAll { $0 == node } }

    /// The node gets no new rooms.
    func drain(_ node: String) { draining.insert(node) }

    func node(of room: String) async throws(RPCError) -> String? {
        rooms[room].flatMap { nodes.contains($0) ? $0 : nil }
    }

    func place(_ room: String, on preferred: String) async throws(RPCError) -> String {
        if let node = try await node(of: room) { return node }
        let serving = nodes.filter { !draining.contains($0) }
        guard let node = serving.first(where: { $0 == preferred }) ?? serving.first else { throw .noResponse }
        rooms[room] = node
        return node
    }

    func giveUp(_ room: String, on node: String) async {
        if rooms[room] == node { rooms[room] = nil }
    }
}
