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

    /// Writes what changed since the room was written last, or all of it.
    func write(_ record: RoomRecord, after old: RoomRecord?) async throws(RedisError) {
        let name = record.room.name
        var commands: [RedisCommand] = []
        if old == nil { commands.append(RedisCommand("DEL", Self.keys(of: name).map { Array($0.utf8) })) }
        let old = old ?? RoomRecord()
        Self.change(from: [name: old.room], to: [name: record.room], in: RedisKey.rooms, &commands)
        Self.change(from: [name: old.details], to: [name: record.details], in: RedisKey.roomInternals, &commands)
        Self.change(from: old.participants, to: record.participants, in: RedisKey.participants(of: name), &commands)
        Self.change(from: old.dispatches, to: record.dispatches, in: RedisKey.dispatches(of: name), &commands)
        Self.change(from: old.jobs, to: record.jobs, in: RedisKey.jobs(of: name), &commands)
        try await client.send(commands)
    }

    /// Removes a room with all that is written of it.
    func remove(_ room: String) async throws(RedisError) {
        try await client.send([
            .deleteHashValues(of: [room], in: RedisKey.rooms),
            .deleteHashValues(of: [room], in: RedisKey.roomInternals),
            RedisCommand("DEL", Self.keys(of: room).map { Array($0.utf8) }),
        ])
    }

    private static func keys(of room: String) -> [String] {
        [RedisKey.participants(of: room), RedisKey.dispatches(of: room), RedisKey.jobs(of: room)]
    }

    private static func change<Value: SwiftProtobuf.Message & Equatable>(
        from old: [String: Value], to new: [String: Value], in key: String, _ commands: inout [RedisCommand]
    ) {
        for (field, value) in new where old[field] != value {
            guard let bytes: [UInt8] = try? value.serializedBytes() else { continue }
            commands.append(.setHashValue(bytes, of: field, in: key))
        }
        let gone = old.keys.filter { new[$0] == nil }
        if !gone.isEmpty { commands.append(.deleteHashValues(of: gone, in: key)) }
    }
}
