internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// What makes this server one of several: where they meet, and what they know of each other.
///
/// Nothing of it stands between a room and its participants. While Redis is away, rooms and media go on; what cannot be
/// told is where rooms of other nodes are, and what cannot be done is to make new ones.
struct Cluster: Sendable {
    let client: RedisClient
    /// What nodes say to each other.
    let bus: RedisMessageBus
    let directory: NodeDirectory
    let placement: RoomPlacement
    let store: RoomStore
    private let logger: Logger

    /// Connects to nothing before ``connect()``.
    init(
        _ configuration: LiveKitServerConfiguration, nodeID: String, totals: NodeTotals, clock: ServerClock,
        logger: Logger
    ) throws {
        guard let redis = RedisConfiguration(configuration.redis) else {
            throw ConfigurationError("redis: an address is not a host and port such as 10.0.0.1:6379")
        }
        do {
            client = try RedisClient(redis, logger: logger)
            bus = try RedisMessageBus(redis, client: client, logger: logger)
        } catch {
            throw ConfigurationError("redis.tls: \(error)")
        }
        let store = RoomStore(client: client)
        let (gone, goneContinuation) = AsyncStream.makeStream(
            of: [String].self, bufferingPolicy: .bufferingNewest(Self.goneCapacity))
        let meter = NodeMeter(totals, clock: clock)
        directory = NodeDirectory(
            Self.node(configuration, id: nodeID), client: client, clock: clock, logger: logger
        ) {
            await meter.measure()
        } onGone: {
            goneContinuation.yield($0)
        }
        self.gone = gone
        self.logger = logger
        self.store = store
        placement = RoomPlacement(
            client: client, directory: directory,
            selector: NodeSelector(configuration.nodeSelector, region: configuration.region),
            limits: configuration.limits, clock: clock)
    }

    /// Nodes that broke, whose rooms are to be forgotten.
    private let gone: AsyncStream<[String]>
    /// Reports of broken nodes that may wait. Each comes after half a minute at the earliest.
    private static let goneCapacity = 16

    private static func node(_ configuration: LiveKitServerConfiguration, id: String) -> Livekit_Node {
        var node = Livekit_Node()
        node.id = id
        node.ip = NodeAddresses.all(of: configuration).first?.host ?? ""
        node.region = configuration.region
        node.type = .server
        node.state = .serving
        return node
    }

    /// Makes sure that Redis is there.
    ///
    /// - Throws: ``ConfigurationError``. A server that is told of a Redis which is not there was told wrong.
    func connect() async throws {
        do {
            try await client.ping()
        } catch {
            throw ConfigurationError("redis: \(error)")
        }
    }

    /// Registers this node, which can be called by others from before that on.
    func join() async { await directory.update() }

    /// Writes how this node is, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await directory.run() }
            group.addTask { for await nodes in gone { await forgetRooms(of: Set(nodes)) } }
        }
    }

    /// Takes this node and its rooms out of Redis.
    func leave(_ roster: RoomRoster) async {
        // Where Redis is away, the others see it by the age of what is written.
        if await roster.write() { await directory.withdraw() }
    }

    /// Ends the connections, when nothing is left to say.
    func close() {
        bus.close()
        client.close()
    }

    /// Whoever joins them makes them anew. What fails is left to the roster's sweeps.
    private func forgetRooms(of nodes: Set<String>) async {
        do {
            for entry in try await placement.entries() where nodes.contains(entry.node) {
                try await store.remove(entry.room, of: entry.node)
            }
        } catch {
            logger.warning("rooms of nodes that are gone are not removed yet", metadata: ["reason": "\(error)"])
        }
    }
}

extension RedisConfiguration {
    /// `nil` where an address is none.
    init?(_ redis: LiveKitServerConfiguration.Redis) {
        let sentinels = redis.sentinelAddresses.compactMap { RedisAddress($0) }
        guard sentinels.count == redis.sentinelAddresses.count else { return nil }
        if sentinels.isEmpty {
            guard let address = RedisAddress(redis.address) else { return nil }
            self.init(.single(address))
        } else {
            self.init(.sentinels(sentinels, master: redis.sentinelMasterName))
        }
        credentials = .init(username: redis.username, password: redis.password)
        sentinelCredentials = .init(username: redis.sentinelUsername, password: redis.sentinelPassword)
        database = redis.database
        connectTimeout = redis.connectTimeout
        commandTimeout = redis.commandTimeout
        guard redis.tls.isEnabled else { return }
        var tls = RedisTLS()
        tls.isInsecure = redis.tls.isInsecure
        tls.serverName = redis.tls.serverName
        tls.caCertificateFile = redis.tls.caCertificateFile
        tls.clientCertificateFile = redis.tls.clientCertificateFile
        tls.clientKeyFile = redis.tls.clientKeyFile
        self.tls = tls
    }
}
