internal import LiveKitProtobuf
internal import SwiftProtobuf

extension LiveKitServerConfiguration {
    /// What a room is like whose token or request names it: one entry of LiveKit's `room_configurations`.
    ///
    /// What is 0 or empty states nothing.
    public struct RoomPreset: Sendable, Hashable {
        /// Seconds until a room closes that nobody ever joined.
        public var emptyTimeout = 0
        /// Seconds until a room closes after the last participant left.
        public var departureTimeout = 0
        /// How many may join.
        public var maximumParticipants = 0
        /// The room's metadata.
        public var metadata = ""
        /// The agents that a room is made with. None means those that have no name.
        public var agents: [AgentDispatch] = []
        /// What workers of egress record or send elsewhere by themselves, from a room's beginning on.
        var egress = Livekit_RoomEgress()
        /// Whether anything is recorded or sent elsewhere by itself.
        public var wantsEgress: Bool { egress != Livekit_RoomEgress() }
        /// What else it states and this server does not serve yet, by LiveKit's names; logged for each such room.
        public internal(set) var unserved: Set<String> = []

        /// A preset that states nothing.
        public init() {}

        /// States what is recorded or sent elsewhere by itself.
        ///
        /// - Parameter json: LiveKit's `RoomEgress` in JSON, such as `{"tracks": {"filepath": "{room_name}/"}}`.
        /// - Throws: ``ConfigurationError`` for what is something else.
        public mutating func setEgress(json: String) throws(ConfigurationError) {
            do {
                egress = try Livekit_RoomEgress(jsonString: json)
            } catch {
                throw ConfigurationError("egress of a room configuration is not LiveKit's RoomEgress: \(error)")
            }
        }
    }
}

extension LiveKitServerConfiguration {
    /// An agent that is asked into a room.
    public struct AgentDispatch: Sendable, Hashable {
        /// The name that its workers registered with; empty for those without one.
        public var agentName = ""
        /// What the agent is told.
        public var metadata = ""
        /// The deployment of its workers.
        public var deployment = ""
        /// Attributes of its jobs.
        public var attributes: [String: String] = [:]

        /// A dispatch of agents without a name.
        public init() {}
    }
}

extension LiveKitServerConfiguration.RoomPreset {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        emptyTimeout = try reader.integer("empty_timeout", in: 0...Int(UInt32.max)) ?? emptyTimeout
        departureTimeout = try reader.integer("departure_timeout", in: 0...Int(UInt32.max)) ?? departureTimeout
        maximumParticipants = try reader.integer("max_participants", in: 0...Int(UInt32.max)) ?? maximumParticipants
        metadata = try reader.string("metadata") ?? metadata
        if let json = try reader.json("egress") { try setEgress(json: json) }
        for key in ["min_playout_delay", "max_playout_delay"] {
            if try reader.integer(key, in: 0...Int(UInt32.max)) ?? 0 > 0 { unserved.insert(key) }
        }
        if try reader.flag("sync_streams") == true { unserved.insert("sync_streams") }
        if try reader.passOver("tags") { unserved.insert("tags") }
        guard var sections = try reader.sections("agents") else { return }
        agents = []
        for index in sections.indices {
            var dispatch = LiveKitServerConfiguration.AgentDispatch()
            try dispatch.read(&sections[index])
            agents.append(dispatch)
            try sections[index].finish()
        }
    }
}

extension LiveKitServerConfiguration.AgentDispatch {
    fileprivate mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        agentName = try reader.string("agent_name") ?? agentName
        metadata = try reader.string("metadata") ?? metadata
        deployment = try reader.string("deployment") ?? deployment
        attributes = try reader.texts("attributes") ?? attributes
        guard AgentBounds.allows(deployment: deployment) else {
            throw ConfigurationError("an agent's deployment in room.room_configurations cannot be \(deployment)")
        }
    }
}
