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
        // As many may wait as there may be rooms: one that fell out would never run.
        let limit = services.limits.rooms
        (opened, openedContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(limit > 0 ? limit : .max))
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
            for room in rooms.values { count += await room.query { $0.participants.values.count { !$0.isForwarded } } }
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

    /// Waits until other nodes can know of the rooms, where there are any.
    func settle() async {
        if services.cluster != nil { await services.roomChanges.settle() }
    }

    func room(named name: String) -> RoomController? {
        rooms[name]
    }

    /// All rooms as they come, for who looks at them often.
    var unordered: [RoomController] { Array(rooms.values) }

    var all: [RoomController] { rooms.values.sorted { $0.name < $1.name } }

    /// Whether the room is there to be joined, or may be made by joining: by anybody, or by who may create rooms.
    func checkJoin(_ name: String, mayCreate: Bool = false) throws(JoinRefusal) {
        guard !isClosing, rooms[name] != nil || !isDraining else { throw .unavailable }
        guard rooms[name] != nil || defaults.isCreatedAutomatically || mayCreate else { throw .roomNotFound }
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
            try checkJoin(name, mayCreate: claims.video?.roomCreate == true)
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

    /// A room that was asked for.
    struct Created: Sendable {
        var info: Livekit_Room
        /// What a new room is to be recorded as; the caller sees to it, and learns whether it began.
        var recording: Livekit_RoomCompositeEgressRequest?
    }

    /// Makes a room, or gives an existing one what the request states.
    func create(_ name: String, _ settings: CreateSettings) async throws(JoinRefusal) -> Created {
        guard !isClosing else { throw .unavailable }
        let settings = try settings.filled(from: defaults.presets)
        for _ in 0..<3 {
            guard let room = rooms[name] else {
                var complete = settings
                let recording = complete.egress.hasRoom ? complete.egress.room : nil
                complete.egress.clearRoom()
                let room = try open(name, complete)
                guard let info = await room.info else { continue }
                return Created(info: info, recording: recording)
            }
            let info = await room.change { state, _ in
                settings.apply(to: &state.info)
                return state.isClosed ? nil : state.currentInfo
            }
            if let info { return Created(info: info) }
            forget(room)
        }
        throw .unavailable
    }

    /// Ends a room. Returns `false` when there is none.
    func delete(_ name: String) async -> Bool {
        guard let room = rooms.removeValue(forKey: name) else { return false }
        services.roomChanges.tell()
        services.peers?.tell(.roomClosed(name))
        await room.close(.roomEndApiDelete, telling: .roomDeleted)
        return true
    }

    /// Ends a room that could not be made as it was wanted, unless somebody has joined it.
    func abandon(_ info: Livekit_Room) async {
        guard let room = rooms[info.name], room.sid.rawValue == info.sid else { return }
        await room.closeUnlessJoined()
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
        let settings = try wanted.filled(from: defaults.presets)
        settings.apply(to: &info)
        let room = RoomController(info: info, agents: settings.agents, egress: settings.egress, services: services)
        // Nobody would run it.
        guard case .enqueued = openedContinuation.yield(room) else { throw .unavailable }
        warn(of: settings, room: name)
        rooms[name] = room
        services.roomChanges.tell()
        services.peers?.tell(.roomOpened(name))
        return room
    }

    /// What is asked for in vain is told, or somebody would miss it.
    private func warn(of settings: CreateSettings, room: String) {
        if !settings.unserved.isEmpty {
            services.logger.warning(
                "a room asks for what this server does not serve yet",
                metadata: ["room": "\(room)", "fields": "\(settings.unserved.sorted())"])
        }
    }
}
