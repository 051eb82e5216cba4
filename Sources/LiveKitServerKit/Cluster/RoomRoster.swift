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

    private let registry: RoomRegistry
    private let changes: RoomChanges
    private let placement: RoomPlacement
    private let store: RoomStore
    private let logger: Logger
    /// Rooms that Redis may have something of.
    private var known: Set<String> = []
    /// What is written, as far as this connection to Redis tells.
    private var written: [String: RoomRecord] = [:]
    /// Rooms that run here and on another node, since Redis was away when both were opened.
    private var divided: Set<String> = []
    private var connections = 0
    private var isWriting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(registry: RoomRegistry, changes: RoomChanges, cluster: Cluster, logger: Logger) {
        self.registry = registry
        self.changes = changes
        placement = cluster.placement
        store = cluster.store
        self.logger = logger
    }

    /// Writes until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [changes] in
                while (try? await Task.sleep(for: Self.period)) != nil { changes.tell() }
            }
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
        noticeReconnection()
        var here: Set<String> = []
        do {
            for room in await registry.all {
                if try await write(room) { here.insert(room.name) }
            }
            for name in known.subtracting(here) { try await remove(name) }
            return true
        } catch {
            // The client says in the log and counts that Redis is away.
            logger.debug("rooms are not written", metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// One after the other: what a room was is not to be written after what it is.
    private func begin() async {
        while isWriting { await withCheckedContinuation { waiting.append($0) } }
        isWriting = true
    }

    private func end() {
        isWriting = false
        for next in waiting { next.resume() }
        waiting = []
    }

    /// The server behind a new connection may be another one, or have lost its memory.
    private func noticeReconnection() {
        let connections = store.client.counters.connections.load(ordering: .relaxed)
        guard connections != self.connections else { return }
        self.connections = connections
        written = [:]
    }

    /// `false` for a room that has ended.
    private func write(_ room: RoomController) async throws -> Bool {
        let isChanged = room.isChanged.exchange(false, ordering: .acquiringAndReleasing)
        let old = written[room.name]
        guard isChanged || old == nil else { return true }
        guard let record = await room.record else { return false }
        do {
            known.insert(room.name)
            guard record != old else { return true }
            if old == nil, try await isElsewhere(room.name) { return true }
            try await store.write(record, after: old)
            written[room.name] = record
            return true
        } catch {
            room.isChanged.store(true, ordering: .releasing)
            throw error
        }
    }

    private func isElsewhere(_ room: String) async throws -> Bool {
        guard let other = try await placement.assert(room) else {
            divided.remove(room)
            return false
        }
        if divided.insert(room).inserted {
            logger.error("a room is on two nodes", metadata: ["room": "\(room)", "other": "\(other.id)"])
        }
        return true
    }

    private func remove(_ room: String) async throws {
        if try await placement.release(room, from: placement.directory.id) { try await store.remove(room) }
        known.remove(room)
        written[room] = nil
        divided.remove(room)
    }
}

extension RoomController {
    /// What is written of it, or `nil` once it ended.
    fileprivate var record: RoomRecord? {
        query { $0.isClosed ? nil : RoomRecord($0) }
    }
}
