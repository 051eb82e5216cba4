internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Remembers each ingress until it is deleted, for all nodes and across their restarts.
///
/// What an ingress is and what it does at the moment are stored apart: the one is the API's to change, the other its
/// worker's.
protocol IngressStore: Sendable {
    /// Remembers what an ingress is, new or changed; its state is not touched.
    func write(_ info: Livekit_IngressInfo) async throws(RPCError)

    /// Remembers what an ingress does.
    ///
    /// - Throws: ``RPCError/ingressOutOfDate`` for the state of a session before the last one.
    @discardableResult
    func write(_ state: Livekit_IngressState, of id: String) async throws(RPCError) -> Bool

    /// - Throws: ``RPCError/ingressNotFound`` for one that is not remembered.
    func load(_ id: String) async throws(RPCError) -> Livekit_IngressInfo

    /// - Throws: ``RPCError/ingressNotFound`` for a key that leads nowhere.
    func load(streamKey: String) async throws(RPCError) -> Livekit_IngressInfo

    /// - Parameter room: Its name, or empty for all.
    /// - Returns: Those that lead into it, in no order.
    /// - Throws: ``RPCError`` when they cannot be read.
    func list(room: String) async throws(RPCError) -> [Livekit_IngressInfo]

    func delete(_ info: Livekit_IngressInfo) async throws(RPCError)
}

extension Livekit_IngressState {
    /// Whether this may take the place of another one: messages of a worker may overtake each other.
    ///
    /// - Throws: ``RPCError/ingressOutOfDate`` for the state of an earlier session.
    func supersedes(_ other: Livekit_IngressState) throws(RPCError) -> Bool {
        guard startedAt >= other.startedAt else { throw .ingressOutOfDate }
        return startedAt > other.startedAt || updatedAt >= other.updatedAt
    }

    /// Whether a worker has it in hand.
    var isActive: Bool { status == .endpointBuffering || status == .endpointPublishing }
}
