internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging
internal import SwiftProtobuf

/// The nodes of the cluster, this one among them: the hash `nodes`.
///
/// A node that goes says so. One that breaks stops writing: after ``Livekit_Node/freshSeconds`` nobody counts on it, and
/// after ``forgottenSeconds`` it is removed.
actor NodeDirectory {
    /// How often a node writes how it is. LiveKit's `stats_update_interval`.
    static let updatePeriod = Duration.seconds(2)
    /// A node that has been silent for so long is removed by the others.
    static let forgottenSeconds: Int64 = 30
    /// After Redis was away, the nodes that live have written again within this time; then what is nowhere is free.
    static let settling: MediaDuration = .milliseconds(2500)
    /// And those who have not are gone: two turns of writing, on top of what makes them stale.
    static let settlingForTakeovers: MediaDuration = .seconds(9)

    nonisolated let id: String
    private let client: RedisClient
    private let clock: ServerClock
    private let logger: Logger
    private let measure: @Sendable () async -> Livekit_NodeStats
    private let onGone: @Sendable ([String]) async -> Void
    private var node: Livekit_Node
    /// Since when this node has been writing without a failure; `nil` while it fails.
    private var steadySince: MediaInstant?
    /// Whether Redis was lost at some time. Before that nobody had to be silent.
    private var wasAway = false
    /// The client's connection when it was looked at last. Behind another one is a server that may know less.
    private var connection = 0
    /// Whether the clocks of Redis and this node disagreed when they were compared last.
    private var isSkewed = false
    private var isWithdrawn = false

    /// The directory as a node sees it that is given without its numbers. `measure` says how it is now; `onGone` is told
    /// of nodes that were removed because they broke.
    init(
        _ node: Livekit_Node, client: RedisClient, clock: ServerClock, logger: Logger,
        measure: @escaping @Sendable () async -> Livekit_NodeStats,
        onGone: @escaping @Sendable ([String]) async -> Void = { _ in }
    ) {
        id = node.id
        self.node = node
        self.client = client
        self.clock = clock
        self.logger = logger
        self.measure = measure
        self.onGone = onGone
    }

    /// This node as it was last written.
    var current: Livekit_Node { node }

    /// Whether what was written last reached Redis.
    var isWriting: Bool { steadySince != nil }

    /// Whether what is nowhere in Redis is nowhere.
    var isSettled: Bool { isSteady(for: Self.settling) }

    /// Whether a node that is silent is gone.
    var isSettledForTakeovers: Bool { isSteady(for: Self.settlingForTakeovers) }

    private func isSteady(for duration: MediaDuration) -> Bool {
        noticeReconnection()
        guard let steadySince else { return false }
        return !wasAway || clock.now() - steadySince >= duration
    }

    /// A connection may be lost and made again between two turns of writing, and nobody's command fail.
    private func noticeReconnection() {
        guard client.connection != connection else { return }
        connection = client.connection
        guard connection > 1 else { return }
        wasAway = true
        if steadySince != nil { steadySince = clock.now() }
    }

    // MARK: This node

    /// Writes how this node is, until the task is cancelled.
    func run() async {
        var turn = 0
        while !Task.isCancelled {
            await update()
            if turn % Self.turnsBetweenSweeps == 0 {
                await removeDead()
                await compareClocks()
            }
            turn += 1
            guard (try? await Task.sleep(for: Self.updatePeriod)) != nil else { return }
        }
    }

    private static let turnsBetweenSweeps = 15

    /// Writes how this node is now.
    func update() async {
        node.stats = await measure()
        node.numCpus = node.stats.numCpus
        await write()
    }

    /// Tells the others that this node takes no new rooms.
    func drain() async {
        node.state = .shuttingDown
        await write()
    }

    /// Takes this node out of the directory.
    func withdraw() async {
        isWithdrawn = true
        do throws(RedisError) {
            try await client.deleteHashValues(of: [id], in: RedisKey.nodes)
        } catch {
            logger.warning("this node stays in the directory", metadata: ["reason": "\(error)"])
        }
    }

    private func write() async {
        guard !isWithdrawn, let bytes: [UInt8] = try? node.serializedBytes() else { return }
        do throws(RedisError) {
            try await client.setHashValue(bytes, of: id, in: RedisKey.nodes)
            noticeReconnection()
            if steadySince == nil { steadySince = clock.now() }
        } catch {
            // The link says in the log that Redis is away; here it is only remembered.
            steadySince = nil
            wasAway = true
        }
    }

    // MARK: Time

    /// A clock that is off by more makes living nodes look silent to each other.
    private static let allowedSkew = Duration.seconds(2)

    /// Compares this node's clock with that of Redis, by which it compares itself with the other nodes.
    ///
    /// - Returns: By how much this node's clock is ahead; `nil` when Redis does not say.
    @discardableResult
    func compareClocks() async -> Duration? {
        guard let time = try? await client.time() else { return nil }
        let skew = Duration.milliseconds(clock.unixMilliseconds()) - time
        let isSkewed = skew > Self.allowedSkew || skew < .zero - Self.allowedSkew
        if isSkewed, !self.isSkewed {
            logger.error("this node's clock and that of Redis disagree", metadata: ["ahead": "\(skew)"])
        }
        self.isSkewed = isSkewed
        return skew
    }

    // MARK: All nodes

    /// All nodes that are written down, those among them that broke lately.
    func nodes() async throws(RedisError) -> [Livekit_Node] {
        try await client.hashValues(in: RedisKey.nodes).compactMap { try? Livekit_Node(serializedBytes: $0) }
    }

    func node(_ id: String) async throws(RedisError) -> Livekit_Node? {
        try await client.hashValue(of: id, in: RedisKey.nodes).flatMap { try? Livekit_Node(serializedBytes: $0) }
    }

    /// Removes the nodes that have been silent for long.
    private func removeDead() async {
        guard isSettledForTakeovers, let nodes = try? await nodes() else { return }
        let now = clock.unixMilliseconds() / 1000
        let dead = nodes.filter { $0.id != id && $0.hasStats && $0.silence(unixSeconds: now) >= Self.forgottenSeconds }
        guard !dead.isEmpty, (try? await client.deleteHashValues(of: dead.map(\.id), in: RedisKey.nodes)) != nil else {
            return
        }
        logger.notice("nodes are gone", metadata: ["nodes": "\(dead.map(\.id))"])
        await onGone(dead.map(\.id))
    }
}
