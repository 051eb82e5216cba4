internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import SwiftProtobuf

/// Every egress in Redis, under livekit-server's keys.
///
/// ```
///   egress              hash  egress ID → livekit.EgressInfo
///   egress:room:<room>  set   egress IDs
///   ended_egress        hash  egress ID → <room>|<end in Unix nanoseconds>
/// ```
struct RedisEgressStore: EgressStore {
    let redis: RedisClient

    private static let infos = "egress"
    private static let ended = "ended_egress"

    private static func set(ofRoom room: String) -> String { "egress:room:" + room }

    func add(_ info: Livekit_EgressInfo) async throws(RPCError) {
        try await write(info)
        _ = try await send("SADD", Self.set(ofRoom: info.roomName), info.egressID)
    }

    func update(_ info: Livekit_EgressInfo) async throws(RPCError) {
        try await write(info)
        guard info.endedAt != 0 else { return }
        _ = try await send("HSET", Self.ended, info.egressID, "\(info.roomName)|\(info.endedAt)")
    }

    func load(_ id: String) async throws(RPCError) -> Livekit_EgressInfo {
        guard case .bytes(let bytes) = try await send("HGET", Self.infos, id) else { throw .egressNotFound }
        return try Livekit_EgressInfo(stored: bytes)
    }

    func list(room: String, isActive: Bool) async throws(RPCError) -> [Livekit_EgressInfo] {
        let stored: RedisReply
        if room.isEmpty {
            stored = try await send("HVALS", Self.infos)
        } else {
            let ids = try await send("SMEMBERS", Self.set(ofRoom: room)).elements?.compactMap(\.text) ?? []
            guard !ids.isEmpty else { return [] }
            stored = try await redis.answer(RedisCommand("HMGET", ([Self.infos] + ids).map { Array($0.utf8) }))
        }
        return try (stored.elements ?? []).decoded().filter { !isActive || $0.isActive }
    }

    func removeEnded(before unixNanoseconds: Int64) async throws(RPCError) {
        let pairs = try await send("HGETALL", Self.ended).elements?.compactMap(\.text) ?? []
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            guard let end = EndedEgress(pairs[index + 1]), end.at < unixNanoseconds else { continue }
            _ = try await send("SREM", Self.set(ofRoom: end.room), pairs[index])
            _ = try await send("HDEL", Self.infos, pairs[index])
            // Last: what was interrupted is begun again.
            _ = try await send("HDEL", Self.ended, pairs[index])
        }
    }

    private func write(_ info: Livekit_EgressInfo) async throws(RPCError) {
        let key = [Self.infos, info.egressID].map { Array($0.utf8) }
        _ = try await redis.answer(RedisCommand("HSET", key + [try info.stored()]))
    }

    private func send(_ name: String, _ arguments: String...) async throws(RPCError) -> RedisReply {
        try await redis.answer(RedisCommand(name, arguments.map { Array($0.utf8) }))
    }
}

/// When an egress of which room ended, as it stands in Redis. The room's name may have bars itself.
struct EndedEgress: Equatable {
    var room: String
    var at: Int64

    init?(_ text: String) {
        guard let bar = text.lastIndex(of: "|"), let at = Int64(text[text.index(after: bar)...]) else { return nil }
        room = String(text[..<bar])
        self.at = at
    }
}
