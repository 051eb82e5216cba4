internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Says which node has a room, and decides which is to have one.
protocol RoomPlacing: Sendable {
    /// The living node that has a room; `nil` when there is none.
    func node(of room: String) async throws(RPCError) -> String?
    /// The node that has a room, or from now on is to have it: a preferred one, or whichever is best.
    func place(_ room: String, on preferred: String) async throws(RPCError) -> String
    /// Says that a node does not make the room that it was to have, so that it may be placed anew.
    func giveUp(_ room: String, on node: String) async
}

extension RoomPlacement: RoomPlacing {
    func node(of room: String) async throws(RPCError) -> String? {
        do {
            return try await node(for: room)?.id
        } catch {
            throw RPCError(error)
        }
    }

    func place(_ room: String, on preferred: String) async throws(RPCError) -> String {
        do {
            return try await claim(room, for: preferred).id
        } catch {
            throw RPCError(error)
        }
    }

    /// What fails is left to the sweeps of the roster.
    func giveUp(_ room: String, on node: String) async { _ = try? await release(room, from: node) }
}

extension RPCError {
    fileprivate init(_ error: RoomPlacementError) {
        switch error {
        case .redis(let error): self.init(.unavailable, "\(error)")
        case .noNode: self.init(.unavailable, "could not find any available nodes")
        case .unknownNode: self.init(.notFound, "could not find object")
        case .full: self.init(.unavailable, "reached configured limit for node")
        case .undecided: self.init(.unavailable, "the room's node is not known at the moment")
        }
    }
}
