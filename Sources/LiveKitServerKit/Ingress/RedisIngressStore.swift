internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Every ingress in Redis, under livekit-server's keys, which all have one slot of a cluster.
///
/// ```
///   ingress                hash    ingress ID → livekit.IngressInfo, without its state
///   {ingress}_stream_key   hash    stream key → ingress ID
///   {ingress}_state:<id>   string  livekit.IngressState
///   room_{ingress}:<room>  set     ingress IDs
/// ```
struct RedisIngressStore: IngressStore {
    let redis: RedisClient

    private static let infos = "ingress"
    private static let streamKeys = "{ingress}_stream_key"

    private static func state(of id: String) -> String { "{ingress}_state:" + id }

    private static func set(ofRoom room: String) -> String { "room_{ingress}:" + room }

    // MARK: Writing

    func write(_ info: Livekit_IngressInfo) async throws(RPCError) {
        guard !info.ingressID.isEmpty else { throw .invalidIngress("no ingress ID") }
        guard !info.streamKey.isEmpty || info.inputType == .urlInput else { throw .invalidIngress("no stream key") }
        var lasting = info
        lasting.clearState()
        let bytes = try lasting.stored()
        for _ in 0..<WorkerBounds.races {
            let old = try await bytesOfInfo(info.ingressID)
            let oldRoom = try old.map { bytes throws(RPCError) in try Livekit_IngressInfo(stored: bytes) }?.roomName
            let keys = [Self.infos, Self.streamKeys, Self.set(ofRoom: oldRoom ?? ""), Self.set(ofRoom: info.roomName)]
            let texts = [info.ingressID, info.streamKey, oldRoom ?? "", info.roomName].map { Array($0.utf8) }
            if try await run(Self.replaceInfo, keys: keys, texts + [old ?? [], bytes]) { return }
        }
        throw RPCError(.aborted, "the ingress was changed by others at the same time")
    }

    @discardableResult
    func write(_ state: Livekit_IngressState, of id: String) async throws(RPCError) -> Bool {
        let bytes = try state.stored()
        for _ in 0..<WorkerBounds.races {
            let old = try await self.bytes("GET", Self.state(of: id))
            if let old, try !state.supersedes(Livekit_IngressState(stored: old)) { return false }
            if try await run(Self.replaceState, keys: [Self.state(of: id)], [old ?? [], bytes]) { return true }
        }
        throw RPCError(.aborted, "the ingress' state was changed by others at the same time")
    }

    func delete(_ info: Livekit_IngressInfo) async throws(RPCError) {
        let keys = [
            Self.infos, Self.streamKeys, Self.set(ofRoom: info.roomName), Self.state(of: info.ingressID),
        ]
        _ = try await run(Self.remove, keys: keys, [info.ingressID, info.streamKey].map { Array($0.utf8) })
    }

    // MARK: Reading

    func load(_ id: String) async throws(RPCError) -> Livekit_IngressInfo {
        guard let bytes = try await bytesOfInfo(id) else { throw .ingressNotFound }
        return try await withStates([try Livekit_IngressInfo(stored: bytes)])[0]
    }

    func load(streamKey: String) async throws(RPCError) -> Livekit_IngressInfo {
        guard let id = try await bytes("HGET", Self.streamKeys, streamKey) else { throw .ingressNotFound }
        return try await load(String(decoding: id, as: UTF8.self))
    }

    func list(room: String) async throws(RPCError) -> [Livekit_IngressInfo] {
        guard !room.isEmpty else {
            return try await withStates(try await send("HVALS", [Self.infos]).elements?.decoded() ?? [])
        }
        let ids = try await send("SMEMBERS", [Self.set(ofRoom: room)]).elements?.compactMap(\.text) ?? []
        guard !ids.isEmpty else { return [] }
        return try await withStates(try await send("HMGET", [Self.infos] + ids).elements?.decoded() ?? [])
    }

    /// Each ingress with what it does. One of which nothing is known yet is inactive.
    private func withStates(_ infos: [Livekit_IngressInfo]) async throws(RPCError) -> [Livekit_IngressInfo] {
        guard !infos.isEmpty else { return [] }
        let states = try await send("MGET", infos.map { Self.state(of: $0.ingressID) }).elements ?? []
        var complete = infos
        for index in infos.indices {
            guard index < states.count, case .bytes(let bytes) = states[index] else {
                complete[index].state = Livekit_IngressState()
                continue
            }
            complete[index].state = try Livekit_IngressState(stored: bytes)
        }
        return complete
    }

    private func bytesOfInfo(_ id: String) async throws(RPCError) -> [UInt8]? {
        try await bytes("HGET", Self.infos, id)
    }

    // MARK: Redis

    private func bytes(_ name: String, _ arguments: String...) async throws(RPCError) -> [UInt8]? {
        guard case .bytes(let bytes) = try await send(name, arguments) else { return nil }
        return bytes
    }

    private func send(_ name: String, _ arguments: [String]) async throws(RPCError) -> RedisReply {
        try await redis.answer(RedisCommand(name, arguments.map { Array($0.utf8) }))
    }

    /// - Returns: whether nobody else came between.
    private func run(_ script: String, keys: [String], _ arguments: [[UInt8]]) async throws(RPCError) -> Bool {
        do throws(RedisError) {
            return try await redis.evaluate(script, keys: keys, arguments) == .integer(1)
        } catch {
            throw RPCError(.internal, error.description)
        }
    }

    /// KEYS: infos, stream keys, the old room's set, the new one's.
    /// ARGV: ID, stream key, the old room, the new one, what is expected to stand there, what shall.
    private static let replaceInfo = """
        if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[5] then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[6])
        if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], ARGV[2], ARGV[1]) end
        if ARGV[3] ~= ARGV[4] then
          if ARGV[3] ~= '' then redis.call('SREM', KEYS[3], ARGV[1]) end
          if ARGV[4] ~= '' then redis.call('SADD', KEYS[4], ARGV[1]) end
        end
        return 1
        """

    private static let replaceState = """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2])
        return 1
        """

    private static let remove = """
        redis.call('SREM', KEYS[3], ARGV[1])
        if ARGV[2] ~= '' then redis.call('HDEL', KEYS[2], ARGV[2]) end
        redis.call('HDEL', KEYS[1], ARGV[1])
        redis.call('DEL', KEYS[4])
        return 1
        """
}
