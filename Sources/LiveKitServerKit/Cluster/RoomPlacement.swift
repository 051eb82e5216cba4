internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// Which node has which room: the hash `room_node_map`.
///
/// A room is on one node. Who asks for a room that is nowhere decides where it will be, and of those who decide at the
/// same time one wins: entries are made when there is none, and changed when they are still what was read.
struct RoomPlacement: Sendable {
    let client: RedisClient
    let directory: NodeDirectory
    let selector: NodeSelector
    /// When a node is too full to let anybody in (`limit.num_tracks`, `limit.bytes_per_sec`).
    let limits: LiveKitServerConfiguration.Limits
    let clock: ServerClock

    /// How often a decision is tried that others interfered with, or that had to wait for ``NodeDirectory/isSettled``.
    private static let attempts = 14
    private static let pause = Duration.milliseconds(250)

    /// The node that has a room now; `nil` when no node has it, or one that is gone.
    func node(for room: String) async throws(RoomPlacementError) -> Livekit_Node? {
        guard let id = try await holder(of: room) else { return nil }
        return try await living(id)
    }

    /// The node that has a room, or from now on is to have it. Should it be nowhere, it comes to the node of the ID that
    /// is preferred, or where the selector decides.
    func claim(_ room: String, for preferred: String? = nil) async throws(RoomPlacementError) -> Livekit_Node {
        for _ in 0..<Self.attempts {
            let id = try await holder(of: room)
            if let id, let node = try await living(id) {
                guard node.id == directory.id || !isFull(node) else { throw .full }
                return node
            }
            // Just after Redis was away, those who are silent may have had no chance to speak.
            let isSettled = await id == nil ? directory.isSettled : directory.isSettledForTakeovers
            if isSettled {
                let node = try await choose(preferred)
                if try await put(room, on: node.id, insteadOf: id) { return node }
            } else {
                guard id == nil, (try? await Task.sleep(for: Self.pause)) != nil else { break }
            }
        }
        throw .undecided
    }

    /// Says that a room runs here: it may be that Redis forgot, or that it was opened while Redis was away. The answer is
    /// the living node that has it instead, should it be another.
    func assert(_ room: String) async throws(RoomPlacementError) -> Livekit_Node? {
        for _ in 0..<Self.attempts {
            let id = try await holder(of: room)
            if id == directory.id { return nil }
            if let id, let other = try await living(id) { return other }
            if try await put(room, on: directory.id, insteadOf: id) { return nil }
        }
        throw .undecided
    }

    /// Forgets that a room is on a node that ended it, or that is gone. `false` when it is on another one by now.
    func release(_ room: String, from node: String) async throws(RoomPlacementError) -> Bool {
        if try await swap(room, from: node, to: "") { return true }
        return try await holder(of: room) == nil
    }

    // MARK: Inside

    private func holder(of room: String) async throws(RoomPlacementError) -> String? {
        do throws(RedisError) {
            return try await client.hashValue(of: room, in: RedisKey.roomNodes).map {
                String(decoding: $0, as: UTF8.self)
            }
        } catch {
            throw .redis(error)
        }
    }

    /// A node that is there and was heard of lately. Ourselves we need not ask for.
    private func living(_ id: String) async throws(RoomPlacementError) -> Livekit_Node? {
        if id == directory.id { return await directory.current }
        do throws(RedisError) {
            guard let node = try await directory.node(id) else { return nil }
            return node.isFresh(unixSeconds: clock.unixMilliseconds() / 1000) ? node : nil
        } catch {
            throw .redis(error)
        }
    }

    private func isFull(_ node: Livekit_Node) -> Bool {
        let rate = node.stats.rates.first ?? Livekit_NodeStatsRate()
        let tracks = Int(node.stats.numTracksIn) + Int(node.stats.numTracksOut)
        let bytes = Double(rate.bytesIn) + Double(rate.bytesOut)
        return limits.nodeTracks > 0 && tracks >= limits.nodeTracks
            || limits.nodeBytesPerSecond > 0 && bytes >= Double(limits.nodeBytesPerSecond)
    }

    private func choose(_ preferred: String?) async throws(RoomPlacementError) -> Livekit_Node {
        if let preferred, !preferred.isEmpty {
            guard let node = try await living(preferred) else { throw .unknownNode }
            return node
        }
        var random = DeterministicRandom(seed: .random(in: .min ... .max))
        let chosen = selector.select(
            among: try await allNodes(), unixSeconds: clock.unixMilliseconds() / 1000, using: &random)
        guard let chosen else { throw .noNode }
        return chosen
    }

    private func allNodes() async throws(RoomPlacementError) -> [Livekit_Node] {
        do throws(RedisError) { return try await directory.nodes() } catch { throw .redis(error) }
    }

    private func put(
        _ room: String, on node: String, insteadOf old: String?
    ) async throws(RoomPlacementError) -> Bool {
        if let old { return try await swap(room, from: old, to: node) }
        do throws(RedisError) {
            return try await client.setHashValueIfAbsent(Array(node.utf8), of: room, in: RedisKey.roomNodes)
        } catch {
            throw .redis(error)
        }
    }

    /// Changes an entry that is still what it was; to "" it is removed.
    private func swap(_ room: String, from old: String, to new: String) async throws(RoomPlacementError) -> Bool {
        do throws(RedisError) {
            let arguments = [room, old, new].map { Array($0.utf8) }
            return try await client.evaluate(Self.script, keys: [RedisKey.roomNodes], arguments) == .integer(1)
        } catch {
            throw .redis(error)
        }
    }

    private static let script = """
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
        if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
        else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
        return 1
        """
}

/// Why it cannot be said where a room is.
enum RoomPlacementError: Error, Equatable, Sendable {
    case redis(RedisError)
    /// No node takes rooms.
    case noNode
    /// The node that was asked for is not there.
    case unknownNode
    /// The room's node takes nobody any more: its configured limits are reached.
    case full
    /// Others changed it again and again, or whether its node is gone cannot be told yet.
    case undecided
}
