internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Remembers each egress until a day after its end, for all nodes and across their restarts.
protocol EgressStore: Sendable {
    /// Remembers a new egress, and that it belongs to its room.
    func add(_ info: Livekit_EgressInfo) async throws(RPCError)

    /// Remembers an egress as it is now. One that has ended is forgotten some time later.
    func update(_ info: Livekit_EgressInfo) async throws(RPCError)

    /// - Throws: ``RPCError/egressNotFound`` for one that is not remembered.
    func load(_ id: String) async throws(RPCError) -> Livekit_EgressInfo

    /// - Parameters:
    ///   - room: Its name, or empty for all.
    ///   - isActive: Whether only those are meant that have not ended.
    /// - Returns: Them, in no order.
    /// - Throws: ``RPCError`` when they cannot be read.
    func list(room: String, isActive: Bool) async throws(RPCError) -> [Livekit_EgressInfo]

    /// Forgets those that ended before a time, in Unix nanoseconds.
    func removeEnded(before unixNanoseconds: Int64) async throws(RPCError)
}

extension Livekit_EgressInfo {
    /// STARTING, ACTIVE or ENDING; what comes after these has ended.
    var isActive: Bool { status.rawValue < Livekit_EgressStatus.egressComplete.rawValue }

    /// Whether workers still take changes.
    var isUnderWay: Bool { status == .egressStarting || status == .egressActive }
}
