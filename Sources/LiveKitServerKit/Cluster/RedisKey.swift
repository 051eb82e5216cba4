/// The keys of a cluster in Redis, the same as livekit-server's. A node of either kind reads what the other wrote.
enum RedisKey {
    /// Hash of node ID to `livekit.Node`.
    static let nodes = "nodes"
    /// Hash of room name to the ID of the node that has it.
    static let roomNodes = "room_node_map"
    /// Hash of room name to `livekit.Room`.
    static let rooms = "rooms"
    /// Hash of room name to `livekit.RoomInternal`.
    static let roomInternals = "room_internal"

    /// Hash of identity to `livekit.ParticipantInfo`.
    static func participants(of room: String) -> String { "room_participants:" + room }
    /// Hash of dispatch ID to `livekit.AgentDispatch`, without its jobs.
    static func dispatches(of room: String) -> String { "agent_dispatch:" + room }
    /// Hash of job ID to `livekit.Job`, without its room.
    static func jobs(of room: String) -> String { "agent_job:" + room }
}
