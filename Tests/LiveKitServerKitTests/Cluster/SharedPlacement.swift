import LiveKitPSRPC

@testable import LiveKitServerKit

/// Where rooms are, for nodes of one process.
actor SharedPlacement: RoomPlacing {
    private var nodes: [String] = []
    private var rooms: [String: String] = [:]

    /// New rooms go to the node that was added first.
    func add(_ node: String) { nodes.append(node) }

    /// The node is gone, and with it its rooms.
    func remove(_ node: String) { nodes.removeAll { $0 == node } }

    func node(of room: String) async throws(RPCError) -> String? {
        rooms[room].flatMap { nodes.contains($0) ? $0 : nil }
    }

    func place(_ room: String, on preferred: String) async throws(RPCError) -> String {
        if let node = try await node(of: room) { return node }
        guard let node = nodes.first(where: { $0 == preferred }) ?? nodes.first else { throw .noResponse }
        rooms[room] = node
        return node
    }
}
