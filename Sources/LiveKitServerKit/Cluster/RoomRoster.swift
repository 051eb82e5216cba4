internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import Synchronization

/// Keeps what is written of this node's rooms as the rooms are.
///
/// It compares and writes what differs, so that whatever Redis missed or forgot is made good. The rooms never wait for
/// it: while Redis is away they go on, and what happened meanwhile is written afterwards.
actor RoomRoster {
    /// How long changes may gather, so that a burst of joins is written once.
    private static let gathering = Duration.milliseconds(50)
    /// How often is looked for changes that wake nobody, such as counts.
    private static let period = Duration.seconds(1)
    /// How often is looked whether the rooms' entries still name this node: others take the rooms of a node for theirs that
    /// was paused for ``Livekit_Node/freshSeconds``.
    private static let assertionPeriod = MediaDuration.seconds(5)

    let registry: RoomRegistry
    let placement: RoomPlacement
    let store: RoomStore
    let logger: Logger
    private let changes: RoomChanges
    private let clock: ServerClock
    /// Rooms that Redis may have something of.
    private var known: Set<String> = []
    /// What is written, as far as this connection to Redis tells.
    private var written: [String: RoomRecord] = [:]
    /// Rooms that run here and on another node, which the others believe.
    private var divided: Set<String> = []
    /// When the entries of all rooms were looked after; `nil` when that is to be done now.
    private var assertedAt: MediaInstant?
    private var connection = 0
    /// Whether all rooms are compared at the next turn, also those that say nothing of a change.
    var isThorough = false
    /// Entries without a room, or without a node, that the last sweep saw.
    var suspects: Set<RoomEntry> = []
    private var isWriting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(
        registry: RoomRegistry, changes: RoomChanges, placement: RoomPlacement, store: RoomStore, clock: ServerClock,
        logger: Logger
    ) {
        (self.registry, self.changes) = (registry, changes)
        (self.placement, self.store) = (placement, store)
        (self.clock, self.logger) = (clock, logger)
    }

    /// Writes until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [changes] in
                while (try? await Task.sleep(for: Self.period)) != nil { changes.tell() }
            }
            group.addTask { [changes, store] in
                // Whatever Redis forgot is to be there before others think that it is nowhere.
                for await _ in store.client.connected { changes.tell() }
            }
            group.addTask { await self.runSweeps() }
            for await _ in changes.stream {
                await changes.copy { await write() }
                guard (try? await Task.sleep(for: Self.gathering)) != nil else { break }
            }
            changes.end()
        }
    }

    /// Writes what changed. What fails is tried again; `false` says that something did.
    @discardableResult
    func write() async -> Bool {
        await begin()
        defer { end() }
        let rooms = await registry.unordered
        let names = Set(rooms.map(\.name))
        do {
            var isWhole = try await each(known.subtracting(names)) { try await remove($0) }
            isWhole = try await assertEntries(names) && isWhole
            var ended: Set<String> = []
            for room in rooms {
                isWhole = try await each([room.name]) { if try await !write(room) { ended.insert($0) } } && isWhole
                // Redis may have lost its memory meanwhile; then entries come first again.
                guard store.client.connection != connection else { continue }
                isWhole = try await assertEntries(names.subtracting(ended)) && isWhole
            }
            isThorough = false
            return try await each(ended) { try await remove($0) } && isWhole
        } catch {
            // The client says in the log and counts that Redis is away.
            logger.debug("rooms are not written", metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// One after the other: what a room was is not to be written after what it is.
    func begin() async {
        while isWriting { await withCheckedContinuation { waiting.append($0) } }
        isWriting = true
    }

    func end() {
        isWriting = false
        for next in waiting { next.resume() }
        waiting = []
    }

    /// Does something for each room. What fails for one does not keep the others from theirs, unless Redis is away.
    private func each(_ rooms: Set<String>, _ body: (String) async throws -> Void) async throws -> Bool {
        var isWhole = true
        for room in rooms {
            do {
                try await body(room)
            } catch {
                if error.saysThatRedisIsAway { throw error }
                logger.warning("a room is not written", metadata: ["room": "\(room)", "reason": "\(error)"])
                isWhole = false
            }
        }
        return isWhole
    }

    // MARK: Entries

    /// Looks whether entries name this node: those of new rooms, and from time to time all of them. The server behind a
    /// new connection may be another one, or have lost its memory.
    private func assertEntries(_ rooms: Set<String>) async throws -> Bool {
        if store.client.connection != connection {
            connection = store.client.connection
            (written, assertedAt) = ([:], nil)
        }
        let now = clock.now()
        let isDue = assertedAt.map { now - $0 >= Self.assertionPeriod } ?? true
        let names = isDue ? rooms : rooms.subtracting(known)
        guard !names.isEmpty else { return true }
        let assertion = try await placement.assert(names.sorted())
        if isDue { assertedAt = now }
        // What was written of them may have gone with their entries.
        for room in assertion.forgotten { written[room] = nil }
        divided.subtract(names.subtracting(assertion.elsewhere))
        return try await each(assertion.elsewhere) { try await settle($0) }
    }

    /// Finds out whose a room is that runs here.
    private func settle(_ room: String) async throws {
        written[room] = nil
        guard let other = try await placement.assert(room) else {
            divided.remove(room)
            return
        }
        known.insert(room)
        if divided.insert(room).inserted {
            logger.error("a room is on two nodes", metadata: ["room": "\(room)", "other": "\(other.id)"])
        }
    }

    // MARK: Records

    /// `false` for a room that has ended.
    private func write(_ room: RoomController) async throws -> Bool {
        guard !divided.contains(room.name) else { return true }
        let isChanged = room.isChanged.exchange(false, ordering: .acquiringAndReleasing)
        let old = written[room.name]
        guard isChanged || isThorough || old == nil else { return true }
        guard let record = await room.record else { return false }
        do {
            known.insert(room.name)
            guard record != old else { return true }
            try await store.write(record, after: old)
            written[room.name] = record
            return true
        } catch {
            room.isChanged.store(true, ordering: .releasing)
            throw error
        }
    }

    /// Removes what is written of a room that ended.
    func remove(_ room: String) async throws {
        // One that came back meanwhile needs its entry, and its record is changed to what it is.
        guard await !isLiving(room) else { return }
        try await store.remove(room, of: placement.directory.id)
        known.remove(room)
        written[room] = nil
        divided.remove(room)
        if await isLiving(room) {
            try await settle(room)
            changes.tell()
        }
    }

    /// Whether a room runs here.
    func isLiving(_ room: String) async -> Bool { await registry.room(named: room)?.info != nil }
}

extension RoomController {
    /// What is written of it, or `nil` once it ended.
    fileprivate var record: RoomRecord? {
        query { $0.isClosed ? nil : RoomRecord($0) }
    }
}

extension Error {
    /// Whether it concerns all rooms, and not one.
    fileprivate var saysThatRedisIsAway: Bool {
        var error = self as? RedisError
        if case .redis(let cause)? = self as? RoomPlacementError { error = cause }
        return switch error {
        case .unreachable, .timedOut, .closed: true
        default: false
        }
    }
}
