import LiveKitTestSupport
import Logging
import Synchronization
import Testing

@testable import LiveKitPSRPC

@Suite(
    "A message bus over a real Redis server",
    .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(1)))
struct RedisMessageBusTests {
    /// A node's bus with its client.
    private struct Node {
        let client: RedisClient
        let bus: RedisMessageBus

        init(_ server: RedisServerProcess, timeout: Duration = .seconds(3), user: String = "") throws {
            var configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: server.port)))
            configuration.commandTimeout = timeout
            if !user.isEmpty { configuration.credentials = .init(username: user, password: "word") }
            let logger = Logger(label: "bus")
            client = try RedisClient(configuration, logger: logger)
            bus = try RedisMessageBus(configuration, client: client, logger: logger)
        }

        func close() {
            bus.close()
            client.close()
        }
    }

    private static func first(_ count: Int, of subscription: BusSubscription) async -> [[UInt8]] {
        var messages: [[UInt8]] = []
        for await message in subscription.messages.prefix(count) { messages.append(message) }
        return messages
    }

    @Test("Everyone gets each message, in order, and what other clients publish")
    func reachesEveryone() async throws {
        let server = try RedisServerProcess()
        let nodes = [try Node(server), try Node(server)]
        defer { nodes.forEach { $0.close() } }
        var subscriptions: [BusSubscription] = []
        for node in nodes + [nodes[0]] {
            subscriptions.append(try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 200))
        }
        let messages = (0..<100).map { [UInt8($0), 0, 13, 10] }
        for message in messages { try await nodes[0].bus.publish(message, on: "topic") }
        // Two connections of two processes, and not three: readers of one process share.
        #expect(try await nodes[1].client.publish([255], on: "topic") == 2)
        for subscription in subscriptions {
            #expect(await Self.first(101, of: subscription) == messages + [[255]])
        }
    }

    @Test("Of those that queue one alone gets a message, in all nodes")
    func sharesQueues() async throws {
        let server = try RedisServerProcess()
        let nodes = [try Node(server), try Node(server)]
        defer { nodes.forEach { $0.close() } }
        let (received, continuation) = AsyncStream<[UInt8]>.makeStream()
        let messages = (0..<200).map { [UInt8($0)] }
        var subscriptions: [BusSubscription] = []
        for node in nodes + nodes {
            subscriptions.append(try await node.bus.subscribe(to: "work", sharing: .queue, capacity: 300))
        }
        await withTaskGroup(of: Void.self) { group in
            for subscription in subscriptions {
                group.addTask { for await message in subscription.messages { continuation.yield(message) } }
            }
            for message in messages { try? await nodes[0].bus.publish(message, on: "work") }
            var all: [[UInt8]] = []
            for await message in received.prefix(200) { all.append(message) }
            #expect(Set(all) == Set(messages))
            // Each was claimed by one node and refused to the other, in the order of the claims on each connection.
            for node in nodes { _ = try? await node.client.ping() }
            continuation.finish()
            group.cancelAll()
        }
        for await more in received { Issue.record("\(more) was handled twice") }
    }

    @Test("A claim is the key that psrpc sets, for five seconds")
    func claimsAsPSRPCDoes() async throws {
        let server = try RedisServerProcess()
        let node = try Node(server)
        defer { node.close() }
        let subscription = try await node.bus.subscribe(to: "work", sharing: .queue, capacity: 4)
        try await node.bus.publish(Array("hello".utf8), on: "work")
        #expect(await Self.first(1, of: subscription) == [Array("hello".utf8)])
        // printf hello | openssl dgst -sha256 -binary | base64
        let key = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
        let left = try await node.client.send(RedisCommand("PTTL", key))
        guard case .integer(let milliseconds) = left else {
            Issue.record("\(left)")
            return
        }
        #expect((1...5000).contains(milliseconds))
        // Who claims it elsewhere, as a Go node would, keeps it from us.
        let other = "mTQdVswogFNwufRJwESkzwCh5+sAM2IRbIFP2WiZxVw="
        #expect(try await node.client.setIfAbsent(other, [49], seconds: 5))
        try await node.bus.publish(Array("taken".utf8), on: "work")
        try await node.bus.publish(Array("free".utf8), on: "work")
        #expect(await Self.first(1, of: subscription) == [Array("free".utf8)])
    }

    @Test("Subscriptions live again after the server was killed")
    func subscribesAgain() async throws {
        let server = try RedisServerProcess()
        let nodes = [try Node(server), try Node(server)]
        defer { nodes.forEach { $0.close() } }
        var subscriptions: [BusSubscription] = []
        for index in 0..<RedisLimits.channelsPerCommand + 3 {
            subscriptions.append(
                try await nodes[1].bus.subscribe(to: "channel\(index)", sharing: .everyone, capacity: 4))
        }
        server.kill()
        try server.start()
        let last = try #require(subscriptions.last)
        let fresh = try await nodes[1].bus.subscribe(to: "fresh", sharing: .everyone, capacity: 4)
        // Acknowledged on the new connection, after all that it subscribed to again.
        _ = try await nodes[1].bus.subscribe(to: "marker", sharing: .everyone, capacity: 4)
        for channel in [subscriptions[0].channel, last.channel, fresh.channel] {
            for _ in 0..<20 where (try? await nodes[0].bus.publish([7], on: channel)) == nil {}
        }
        for subscription in [subscriptions[0], last, fresh] {
            #expect(await Self.first(1, of: subscription) == [[7]])
        }
    }

    @Test("A channel that is forbidden is refused, it alone, and works once it is allowed")
    func survivesRefusals() async throws {
        let server = try RedisServerProcess([
            "--user", "livekit", "on", ">word", "~*", "+@all", "resetchannels", "&ok*",
        ])
        let node = try Node(server, timeout: .seconds(30), user: "livekit")
        let other = try Node(server)
        defer { node.close(); other.close() }
        async let allowed = node.bus.subscribe(to: "ok1", sharing: .everyone, capacity: 4)
        await #expect(throws: MessageBusError.self) {
            try await node.bus.subscribe(to: "secret", sharing: .everyone, capacity: 4)
        }
        async let also = node.bus.subscribe(to: "ok2", sharing: .everyone, capacity: 4)
        _ = try await other.client.send(RedisCommand("ACL", "SETUSER", "livekit", "&secret"))
        let secret = try await node.bus.subscribe(to: "secret", sharing: .everyone, capacity: 4)
        for subscription in [try await allowed, try await also, secret] {
            #expect(try await other.client.publish([1], on: subscription.channel) == 1)
            #expect(await Self.first(1, of: subscription) == [[1]])
        }
    }

    @Test("What is posted arrives in order with what is published; what cannot be is told")
    func posts() async throws {
        let server = try RedisServerProcess()
        let node = try Node(server)
        let subscription = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 200)
        for byte in 0..<100 as Range<UInt8> { node.bus.post([byte], on: "topic") { Issue.record("failed") } }
        try await node.bus.publish([255], on: "topic")
        #expect(await Self.first(101, of: subscription) == (0..<100).map { [$0] } + [[255]])
        node.close()
        await withCheckedContinuation { failed in node.bus.post([1], on: "topic") { failed.resume() } }
    }

    @Test("A cancelled subscription ends, and the channel is left with its last reader")
    func leavesChannels() async throws {
        let server = try RedisServerProcess()
        let node = try Node(server)
        defer { node.close() }
        let first = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 4)
        let second = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 4)
        first.cancel()
        #expect(await Self.first(1, of: first).isEmpty)
        #expect(try await node.client.publish([1], on: "topic") == 1)
        #expect(await Self.first(1, of: second) == [[1]])
        second.cancel()
        // The server does what the same connection asks in its order.
        _ = try await node.bus.subscribe(to: "marker", sharing: .everyone, capacity: 4)
        #expect(try await node.client.publish([2], on: "topic") == 0)
        let again = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 4)
        #expect(try await node.client.publish([3], on: "topic") == 1)
        #expect(await Self.first(1, of: again) == [[3]])
    }

    @Test("A reader that does not read loses the newest, and it is counted")
    func dropsTheNewest() async throws {
        let server = try RedisServerProcess()
        let node = try Node(server)
        defer { node.close() }
        let slow = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 2)
        let quick = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 10)
        for byte in 0..<5 { try await node.bus.publish([UInt8(byte)], on: "topic") }
        #expect(await Self.first(5, of: quick).count == 5)
        #expect(await Self.first(2, of: slow) == [[0], [1]])
        #expect(node.client.counters.droppedMessages.load(ordering: .relaxed) == 3)
    }

    @Test("Without a server a subscription fails in its time")
    func failsWithoutAServer() async throws {
        let server = try RedisServerProcess()
        server.kill()
        let node = try Node(server, timeout: .milliseconds(300))
        defer { node.close() }
        await #expect(throws: MessageBusError.self) {
            try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 2)
        }
        await #expect(throws: MessageBusError.self) { try await node.bus.publish([1], on: "topic") }
    }

    @Test("A closed bus ends its subscriptions and takes no more")
    func closes() async throws {
        let server = try RedisServerProcess()
        let node = try Node(server)
        let subscription = try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 2)
        node.close()
        #expect(await Self.first(1, of: subscription).isEmpty)
        await #expect(throws: MessageBusError.closed) {
            try await node.bus.subscribe(to: "topic", sharing: .everyone, capacity: 2)
        }
        await #expect(throws: MessageBusError.closed) { try await node.bus.publish([1], on: "topic") }
    }
}
