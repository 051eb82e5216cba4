internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import SwiftProtobuf

/// What all nodes have written down of their rooms, with livekit-server's keys and encodings.
///
/// An entry that cannot be read is passed over: one node's mistake is not to hide the rooms of the others.
struct RoomStore: Sendable {
    let client: RedisClient

    // MARK: Reading

    /// All rooms, or those of these names.
    func rooms(named names: [String] = []) async throws(RedisError) -> [Livekit_Room] {
        let values =
            names.isEmpty
            ? try await client.hashValues(in: RedisKey.rooms)
            : try await client.hashValues(of: names, in: RedisKey.rooms).compactMap(\.self)
        return values.compactMap { try? Livekit_Room(serializedBytes: $0) }
    }

    func room(named name: String) async throws(RedisError) -> Livekit_Room? {
        try await rooms(named: [name]).first
    }

    func details(of room: String) async throws(RedisError) -> Livekit_RoomInternal? {
        try await client.hashValue(of: room, in: RedisKey.roomInternals)
            .flatMap { try? Livekit_RoomInternal(serializedBytes: $0) }
    }

    func participants(of room: String) async throws(RedisError) -> [Livekit_ParticipantInfo] {
        try await client.hashValues(in: RedisKey.participants(of: room))
            .compactMap { try? Livekit_ParticipantInfo(serializedBytes: $0) }
    }

    func participant(_ identity: String, of room: String) async throws(RedisError) -> Livekit_ParticipantInfo? {
        try await client.hashValue(of: identity, in: RedisKey.participants(of: room))
            .flatMap { try? Livekit_ParticipantInfo(serializedBytes: $0) }
    }

    /// A room's dispatches with their jobs.
    func dispatches(of room: String) async throws(RedisError) -> [Livekit_AgentDispatch] {
        let jobs = try await client.hashValues(in: RedisKey.jobs(of: room))
            .compactMap { try? Livekit_Job(serializedBytes: $0) }
        return try await client.hashValues(in: RedisKey.dispatches(of: room)).compactMap {
            bytes -> Livekit_AgentDispatch? in
            guard var dispatch = try? Livekit_AgentDispatch(serializedBytes: bytes) else { return nil }
            let id = dispatch.id
            dispatch.state.jobs = jobs.filter { $0.dispatchID == id }
            return dispatch
        }
    }

    // MARK: Writing

    /// Writes what changed since the room was written last; or all of it, and what else is there of its name goes.
    ///
    /// Who reads meanwhile finds no room without its participants.
    func write(_ record: RoomRecord, after old: RoomRecord?) async throws(RedisError) {
        let name = record.room.name
        let before = old ?? RoomRecord()
        var commands: [RedisCommand] = []
        Self.change(from: before.participants, to: record.participants, in: RedisKey.participants(of: name), &commands)
        Self.change(from: before.dispatches, to: record.dispatches, in: RedisKey.dispatches(of: name), &commands)
        Self.change(from: before.jobs, to: record.jobs, in: RedisKey.jobs(of: name), &commands)
        let isBare = record.details == Livekit_RoomInternal()
        if isBare, old?.details != record.details {
            commands.append(.deleteHashValues(of: [name], in: RedisKey.roomInternals))
        } else if !isBare {
            Self.change(from: [name: before.details], to: [name: record.details], in: RedisKey.roomInternals, &commands)
        }
        Self.change(from: [name: before.room], to: [name: record.room], in: RedisKey.rooms, &commands)
        try await send(commands)
        if old == nil { try await clean(record) }
    }

    /// Removes a room with all that is written of it, and that it is on a node, in one step.
    ///
    /// - Returns: `false` when it is on another node by now, whose it is to remove.
    @discardableResult
    func remove(_ room: String, of node: String) async throws(RedisError) -> Bool {
        let keys = [RedisKey.roomNodes, RedisKey.rooms, RedisKey.roomInternals] + Self.keys(of: room)
        return try await client.evaluate(Self.removal, keys: keys, [room, node].map { Array($0.utf8) }) == .integer(1)
    }

    private static let removal = """
        local node = redis.call('HGET', KEYS[1], ARGV[1])
        if node and node ~= ARGV[2] then return 0 end
        for index = 1, 3 do redis.call('HDEL', KEYS[index], ARGV[1]) end
        for index = 4, #KEYS do redis.call('DEL', KEYS[index]) end
        return 1
        """

    private static func keys(of room: String) -> [String] {
        [RedisKey.participants(of: room), RedisKey.dispatches(of: room), RedisKey.jobs(of: room)]
    }

    // MARK: Inside

    /// Bytes of values in one command, if it has more than one, and of commands at once: a small part of what may wait for
    /// Redis, so that a large room leaves room for what nodes say to each other.
    private static let bytesPerCommand = 256 << 10
    private static let bytesAtOnce = 1 << 20

    private func send(_ commands: [RedisCommand]) async throws(RedisError) {
        var rest = commands[...]
        while !rest.isEmpty {
            var bytes = 0
            let batch = rest.prefix { command in
                bytes += command.byteCount
                return bytes <= Self.bytesAtOnce || bytes == command.byteCount
            }
            rest = rest.dropFirst(batch.count)
            try await client.send(Array(batch))
        }
    }

    /// Removes what an earlier room of the name left.
    private func clean(_ record: RoomRecord) async throws(RedisError) {
        let keys = Self.keys(of: record.room.name)
        let kept = [Set(record.participants.keys), Set(record.dispatches.keys), Set(record.jobs.keys)]
        let fields = try await client.evaluate(Self.listing, keys: keys, []).elements ?? []
        var commands: [RedisCommand] = []
        for ((key, kept), fields) in zip(zip(keys, kept), fields) {
            let gone = (fields.elements ?? []).compactMap(\.text).filter { !kept.contains($0) }
            if !gone.isEmpty { commands.append(.deleteHashValues(of: gone, in: key)) }
        }
        try await send(commands)
    }

    private static let listing = """
        local fields = {}
        for index = 1, #KEYS do fields[index] = redis.call('HKEYS', KEYS[index]) end
        return fields
        """

    private static func change<Value: SwiftProtobuf.Message & Equatable>(
        from old: [String: Value], to new: [String: Value], in key: String, _ commands: inout [RedisCommand]
    ) {
        var pairs: [[UInt8]] = []
        var bytes = 0
        func flush() {
            if !pairs.isEmpty { commands.append(RedisCommand("HSET", [Array(key.utf8)] + pairs)) }
            (pairs, bytes) = ([], 0)
        }
        for (field, value) in new where old[field] != value {
            guard let value: [UInt8] = try? value.serializedBytes() else { continue }
            if bytes + value.count > bytesPerCommand { flush() }
            pairs += [Array(field.utf8), value]
            bytes += value.count
        }
        flush()
        let gone = old.keys.filter { new[$0] == nil }
        if !gone.isEmpty { commands.append(.deleteHashValues(of: gone, in: key)) }
    }
}
