internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging

/// The rooms of this server by name. Makes them, lists them and keeps each one running until it ends.
actor RoomRegistry {
    private let services: ControlServices
    private let defaults: LiveKitServerConfiguration.RoomDefaults
    private var rooms: [String: RoomController] = [:]
    private var isClosing = false
    private var isDraining = false
    private var revocations = TokenRevocations()
    private let opened: AsyncStream<RoomController>
    private let openedContinuation: AsyncStream<RoomController>.Continuation

    init(services: ControlServices, defaults: LiveKitServerConfiguration.RoomDefaults) {
        self.services = services
        self.defaults = defaults
        // At most as many wait here as there may be rooms.
        (opened, openedContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(max(services.limits.rooms, 1)))
    }

    /// Runs every room that is opened, until ``shutdown()`` or cancellation.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await room in opened {
                group.addTask {
                    await room.run()
                    await self.forget(room)
                }
            }
        }
    }

    /// Ends all rooms, telling everybody that the server goes.
    func shutdown() async {
        isClosing = true
        openedContinuation.finish()
        for room in rooms.values {
            await room.close(.roomEndServerShutdown, telling: .serverShutdown)
        }
    }

    /// From now on no room is opened. Those that are there go on, and may be joined.
    func drain() {
        isDraining = true
    }

    /// How many are in the rooms.
    var participantCount: Int {
        get async {
            var count = 0
            for room in rooms.values { count += await room.query { $0.participants.count } }
            return count
        }
    }

    private func forget(_ room: RoomController) {
        guard rooms[room.name] === room else { return }
        rooms[room.name] = nil
        services.peers?.tell(.roomClosed(room.name))
        services.roomChanges.tell()
    }

    // MARK: Rooms

    func room(named name: String) -> RoomController? {
        rooms[name]
    }

    var all: [RoomController] { rooms.values.sorted { $0.name < $1.name } }

    /// Whether somebody with this intent could join, without joining.
    func checkJoin(_ name: String) throws(JoinRefusal) {
        guard !isClosing, rooms[name] != nil || !isDraining else { throw .unavailable }
        guard rooms[name] != nil || defaults.isCreatedAutomatically else { throw .roomNotFound }
    }

    /// Whether a room comes about by joining it.
    var opensByJoining: Bool { defaults.isCreatedAutomatically }

    /// Refuses a token that was revoked.
    func checkToken(_ claims: TokenClaims, room: String) throws(JoinRefusal) {
        guard !revocations.isRevoked(claims, room: room) else { throw .tokenRevoked }
    }

    /// Lets an identity in no more with tokens that became valid before a date.
    func revokeTokens(of identity: String, room: String, before date: NumericDate) {
        revocations.revoke(room: room, identity: identity, before: date)
    }

    /// Lets somebody into a room, making it when that is allowed. The ticket goes on with the participant.
    func join(
        _ name: String, _ intent: JoinIntent, claims: TokenClaims, ticket: JoinAdmission.Ticket
    ) async throws(JoinRefusal) -> JoinedSession {
        // A room can end between finding and joining it; the second one is new.
        try checkToken(claims, room: name)
        for _ in 0..<3 {
            try checkJoin(name)
            let room = try findOrOpen(name, CreateSettings(claims))
            do {
                return try await room.join(intent, claims: claims, ticket: ticket)
            } catch .roomClosed {
                forget(room)
            }
        }
        throw .unavailable
    }

    /// Goes on with a session; a room that is not here holds none.
    func resume(
        _ name: String, _ request: ResumeRequest, _ intent: JoinIntent, claims: TokenClaims
    ) async throws(ResumeRefusal) -> JoinedSession {
        guard let room = rooms[name], !revocations.isRevoked(claims, room: name) else { throw .unknownSession }
        return try await room.resume(request, intent, claims: claims)
    }

    /// Makes a room, or gives an existing one what the request states.
    func create(_ name: String, _ settings: CreateSettings) async throws(JoinRefusal) -> Livekit_Room {
        guard !isClosing else { throw .unavailable }
        for _ in 0..<3 {
            guard let room = rooms[name] else {
                let room = try open(name, settings)
                guard let info = await room.info else { continue }
                return info
            }
            let info = await room.change { state, _ in
                settings.apply(to: &state.info)
                return state.isClosed ? nil : state.currentInfo
            }
            if let info { return info }
            forget(room)
        }
        throw .unavailable
    }

    /// Ends a room. Returns `false` when there is none.
    func delete(_ name: String) async -> Bool {
        guard let room = rooms.removeValue(forKey: name) else { return false }
        services.peers?.tell(.roomClosed(name))
        services.roomChanges.tell()
        await room.close(.roomEndApiDelete, telling: .roomDeleted)
        return true
    }

    /// The room that an agent is asked into, or a participant moved to; it is made where joining would make it.
    func openForAPI(_ name: String) throws(JoinRefusal) -> RoomController {
        try checkJoin(name)
        return try findOrOpen(name, CreateSettings())
    }

    /// Tells a job's room what became of it.
    func jobChanged(_ job: Livekit_Job, _ change: AgentJobChange) async {
        guard let room = rooms[job.room.name], room.sid.rawValue == job.room.sid else { return }
        await room.change { state, now in
            if !state.isClosed { state.jobChanged(job, change, now: now) }
        }
    }

    private func findOrOpen(
        _ name: String, _ settings: CreateSettings
    ) throws(JoinRefusal) -> RoomController {
        if let room = rooms[name] { return room }
        return try open(name, settings)
    }

    private func open(_ name: String, _ wanted: CreateSettings) throws(JoinRefusal) -> RoomController {
        var settings = wanted
        guard !isDraining, services.limits.rooms == 0 || rooms.count < services.limits.rooms else { throw .unavailable }
        var info = Livekit_Room()
        info.name = name
        info.emptyTimeout = UInt32(clamping: defaults.emptyTimeout)
        info.departureTimeout = UInt32(clamping: defaults.departureTimeout)
        info.maxParticipants = UInt32(clamping: defaults.maximumParticipants)
        info.enabledCodecs = defaults.enabledCodecs.map { mime in
            var codec = Livekit_Codec()
            codec.mime = mime
            return codec
        }
        if !settings.preset.isEmpty {
            guard let preset = defaults.presets[settings.preset] else { throw .invalid("unknown room configuration") }
            let kind = CreateSettings(preset)
            kind.apply(to: &info)
            if settings.agents.isEmpty { settings.agents = kind.agents }
            settings.wantsEgress = settings.wantsEgress || kind.wantsEgress
        }
        settings.apply(to: &info)
        let room = RoomController(info: info, agents: settings.agents, services: services)
        if settings.wantsEgress {
            services.logger.warning(
                "a room asks for automatic egress, which this server does not serve: nothing is recorded",
                metadata: ["room": "\(name)"])
        }
        rooms[name] = room
        services.peers?.tell(.roomOpened(name))
        services.roomChanges.tell()
        openedContinuation.yield(room)
        return room
    }
}

/// What a request or a token's room configuration states of a room; 0 and "" state nothing.
struct CreateSettings: Sendable {
    var emptyTimeout: UInt32 = 0
    var departureTimeout: UInt32 = 0
    var maximumParticipants: UInt32 = 0
    var metadata = ""
    /// Of a new room only.
    var agents: [Livekit_RoomAgentDispatch] = []
    /// Of a new room only, and not served.
    var wantsEgress = false
    /// The configured kind of a new room, which what is stated here overrides.
    var preset = ""

    init() {}

    init(_ preset: LiveKitServerConfiguration.RoomPreset) {
        emptyTimeout = UInt32(clamping: preset.emptyTimeout)
        departureTimeout = UInt32(clamping: preset.departureTimeout)
        maximumParticipants = UInt32(clamping: preset.maximumParticipants)
        metadata = preset.metadata
        agents = preset.agents.map { Livekit_RoomAgentDispatch($0) }
        wantsEgress = preset.wantsEgress
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
        wantsEgress = request.hasEgress
    }

    init(_ configuration: Livekit_RoomConfiguration) {
        emptyTimeout = configuration.emptyTimeout
        departureTimeout = configuration.departureTimeout
        maximumParticipants = configuration.maxParticipants
        metadata = configuration.metadata
        agents = configuration.agents
        wantsEgress = configuration.hasEgress
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
