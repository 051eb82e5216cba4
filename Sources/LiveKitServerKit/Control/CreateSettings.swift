internal import LiveKitCore
internal import LiveKitProtobuf

/// What a request or a token's room configuration states of a room; 0 and "" state nothing.
struct CreateSettings: Sendable {
    var emptyTimeout: UInt32 = 0
    var departureTimeout: UInt32 = 0
    var maximumParticipants: UInt32 = 0
    var metadata = ""
    /// Of a new room only.
    var agents: [Livekit_RoomAgentDispatch] = []
    /// Of a new room only: what is recorded by itself.
    var egress = Livekit_RoomEgress()
    /// What else is stated and not served, by the fields' names.
    var unserved: Set<String> = []
    /// The configured kind of the room, which what is stated here overrides.
    var preset = ""

    init() {}

    init(_ preset: LiveKitServerConfiguration.RoomPreset) {
        emptyTimeout = UInt32(clamping: preset.emptyTimeout)
        departureTimeout = UInt32(clamping: preset.departureTimeout)
        maximumParticipants = UInt32(clamping: preset.maximumParticipants)
        metadata = preset.metadata
        agents = preset.agents.map { Livekit_RoomAgentDispatch($0) }
        egress = preset.egress
        unserved = preset.unserved
    }

    /// What a token states of the room that it makes by joining.
    init(_ claims: TokenClaims) {
        self = claims.roomConfiguration.map { CreateSettings($0) } ?? CreateSettings()
        preset = claims.roomPreset
    }

    init(_ request: Livekit_CreateRoomRequest) {
        preset = request.roomPreset
        emptyTimeout = request.emptyTimeout
        departureTimeout = request.departureTimeout
        maximumParticipants = request.maxParticipants
        metadata = request.metadata
        agents = request.agents
        egress = request.egress
        unserved = Self.unserved(
            request.minPlayoutDelay, request.maxPlayoutDelay, request.syncStreams, hasTags: !request.tags.isEmpty)
    }

    init(_ configuration: Livekit_RoomConfiguration) {
        emptyTimeout = configuration.emptyTimeout
        departureTimeout = configuration.departureTimeout
        maximumParticipants = configuration.maxParticipants
        metadata = configuration.metadata
        agents = configuration.agents
        egress = configuration.egress
        unserved = Self.unserved(
            configuration.minPlayoutDelay, configuration.maxPlayoutDelay, configuration.syncStreams,
            hasTags: !configuration.tags.isEmpty)
    }

    private static func unserved(
        _ minimumDelay: UInt32, _ maximumDelay: UInt32, _ syncsStreams: Bool, hasTags: Bool
    ) -> Set<String> {
        let fields = [
            ("min_playout_delay", minimumDelay > 0), ("max_playout_delay", maximumDelay > 0),
            ("sync_streams", syncsStreams), ("tags", hasTags),
        ]
        return Set(fields.filter(\.1).map(\.0))
    }

    /// The same, with what the kind of room that it names states beside.
    ///
    /// - Throws: ``JoinRefusal`` for a kind that is not configured, in LiveKit's words.
    func filled(
        from presets: [String: LiveKitServerConfiguration.RoomPreset]
    ) throws(JoinRefusal) -> CreateSettings {
        guard !preset.isEmpty else { return self }
        guard let kind = presets[preset].map(CreateSettings.init) else {
            throw .invalid("unknown room configuration in create room request")
        }
        var filled = self
        if emptyTimeout == 0 { filled.emptyTimeout = kind.emptyTimeout }
        if departureTimeout == 0 { filled.departureTimeout = kind.departureTimeout }
        if maximumParticipants == 0 { filled.maximumParticipants = kind.maximumParticipants }
        if metadata.isEmpty { filled.metadata = kind.metadata }
        if agents.isEmpty { filled.agents = kind.agents }
        if egress == Livekit_RoomEgress() { filled.egress = kind.egress }
        filled.unserved = unserved.union(kind.unserved)
        filled.preset = ""
        return filled
    }

    func apply(to info: inout Livekit_Room) {
        if emptyTimeout > 0 { info.emptyTimeout = emptyTimeout }
        if departureTimeout > 0 { info.departureTimeout = departureTimeout }
        if maximumParticipants > 0 { info.maxParticipants = maximumParticipants }
        if !metadata.isEmpty { info.metadata = metadata }
    }
}

extension Livekit_RoomAgentDispatch {
    fileprivate init(_ dispatch: LiveKitServerConfiguration.AgentDispatch) {
        self.init()
        agentName = dispatch.agentName
        metadata = dispatch.metadata
        deployment = dispatch.deployment
        attributes = dispatch.attributes
    }
}
