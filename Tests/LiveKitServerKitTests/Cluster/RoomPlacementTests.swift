import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite(
    "Where rooms are, in a real Redis", .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"),
    .timeLimit(.minutes(1)))
struct RoomPlacementTests {
    private let server: RedisServerProcess
    private let clock = ManualClock()

    init() throws { server = try RedisServerProcess() }

    private func node(_ id: String, tracks: Int32 = 0) async throws -> TestNode {
        let node = try TestNode(id, server, clock: clock.clock, tracks: tracks)
        await node.directory.update()
        return node
    }

    private func map(of client: RedisClient) async throws -> [String: String] {
        let entries = try await client.hash("room_node_map")
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.field, String(decoding: $0.value, as: UTF8.self)) })
    }

    @Test("A room that is nowhere comes where the selector says, and stays")
    func claims() async throws {
        let (busy, idle) = (try await node("ND_busy", tracks: 5), try await node("ND_idle"))
        #expect(try await busy.placement.node(for: "room") == nil)
        #expect(try await busy.placement.claim("room").id == "ND_idle")
        #expect(try await map(of: busy.client) == ["room": "ND_idle"])
        for node in [busy, idle] {
            #expect(try await node.placement.node(for: "room")?.id == "ND_idle")
            #expect(try await node.placement.claim("room", for: "ND_busy").id == "ND_idle")
        }
        #expect(try await idle.placement.claim("other", for: "ND_busy").id == "ND_busy")
        await #expect(throws: RoomPlacementError.unknownNode) {
            try await idle.placement.claim("third", for: "ND_nobody")
        }
    }

    @Test("Of many who claim a room at the same time all get the same node")
    func agrees() async throws {
        var nodes: [TestNode] = []
        for index in 0..<6 { nodes.append(try await node("ND_\(index)")) }
        for round in 0..<20 {
            let answers = await withTaskGroup(of: String?.self) { group in
                for node in nodes {
                    // Each would rather have it itself.
                    group.addTask {
                        try? await node.placement.claim("room\(round)", for: node.directory.id).id
                    }
                }
                return await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(answers.count == 1 && !answers.contains(nil))
        }
    }

    @Test("The room of a node that is gone is taken over, by one")
    func takesOver() async throws {
        let dead = try await node("ND_dead")
        #expect(try await dead.placement.claim("room").id == "ND_dead")
        clock.advance(milliseconds: 4000)
        let (one, other) = (try await node("ND_one"), try await node("ND_other"))
        #expect(try await one.placement.claim("room").id == "ND_dead")
        clock.advance(milliseconds: 1000)
        #expect(try await one.placement.node(for: "room") == nil)
        async let first = one.placement.claim("room", for: "ND_one").id
        async let second = other.placement.claim("room", for: "ND_other").id
        let answers = Set([try await first, try await second])
        #expect(answers.count == 1 && !answers.contains("ND_dead"))
        // One that said good-bye is gone at once.
        #expect(try await one.placement.claim("left", for: "ND_other").id == "ND_other")
        await other.directory.withdraw()
        #expect(try await one.placement.claim("left").id == "ND_one")
    }

    @Test("A node that drains takes no new rooms, and one alone leaves none to take them")
    func drains() async throws {
        let (one, other) = (try await node("ND_one"), try await node("ND_other", tracks: 9))
        await one.directory.drain()
        #expect(try await one.directory.node("ND_one")?.state == .shuttingDown)
        #expect(try await one.placement.claim("room").id == "ND_other")
        await other.directory.drain()
        await #expect(throws: RoomPlacementError.noNode) { try await one.placement.claim("second") }
    }

    @Test("Who asks for a room of a full node is told so")
    func tellsFullNodes() async throws {
        let full = try await node("ND_full", tracks: 10)
        var limits = LiveKitServerConfiguration.Limits()
        limits.nodeTracks = 10
        let asking = try TestNode("ND_asking", server, clock: clock.clock, limits: limits)
        await asking.directory.update()
        #expect(try await full.placement.claim("room", for: "ND_full").id == "ND_full")
        await #expect(throws: RoomPlacementError.full) { try await asking.placement.claim("room") }
    }

    @Test("A room is released by the node that has it alone")
    func releases() async throws {
        let (one, other) = (try await node("ND_one"), try await node("ND_other"))
        _ = try await one.placement.claim("room", for: "ND_one")
        #expect(try await !other.placement.release("room", from: "ND_other"))
        #expect(try await map(of: one.client) == ["room": "ND_one"])
        #expect(try await one.placement.release("room", from: "ND_one"))
        #expect(try await map(of: one.client) == [:])
        #expect(try await one.placement.release("room", from: "ND_one"))
    }

    @Test("A room that runs is asserted where Redis forgot it, and not where another node has it")
    func asserts() async throws {
        let (one, other) = (try await node("ND_one"), try await node("ND_other"))
        #expect(try await one.placement.assert("room") == nil)
        #expect(try await map(of: one.client) == ["room": "ND_one"])
        #expect(try await one.placement.assert("room") == nil)
        #expect(try await other.placement.assert("room")?.id == "ND_one")
    }

    @Test("After Redis was away nobody is taken for gone who had no time to speak")
    func settles() async throws {
        let node = try TestNode("ND_one", server, clock: clock.clock, timeout: .seconds(5))
        await node.directory.update()
        let silent = try await self.node("ND_silent")
        _ = try await silent.placement.claim("room", for: "ND_silent")
        #expect(await node.directory.isSettled)
        let entries = try await silent.client.hash("room_node_map")
        server.kill()
        await node.directory.update()
        #expect(await !node.directory.isSettled)
        clock.advance(milliseconds: 20_000)
        try server.start()
        while await !node.directory.isWriting { await node.directory.update() }
        for entry in entries {
            try await node.client.setHashValue(entry.value, of: entry.field, in: "room_node_map")
        }
        #expect(await !node.directory.isSettled)
        await #expect(throws: RoomPlacementError.undecided) { try await node.placement.claim("room") }
        clock.advance(milliseconds: 2500)
        #expect(await node.directory.isSettled)
        #expect(try await node.placement.claim("new").id == "ND_one")
        await #expect(throws: RoomPlacementError.undecided) { try await node.placement.claim("room") }
        clock.advance(milliseconds: 6500)
        await node.directory.update()
        #expect(try await node.placement.claim("room").id == "ND_one")
    }

    @Test("A Redis that was lost for less than a command may take was away, too")
    func noticesShortOutages() async throws {
        let node = try TestNode("ND_one", server, clock: clock.clock, timeout: .seconds(30))
        await node.directory.update()
        #expect(await node.directory.isSettledForTakeovers)
        server.kill()
        try server.start()
        while (try? await node.client.ping()) == nil {}
        #expect(await !node.directory.isSettled)
        // Written without a failure, and yet at the first moment of a new connection.
        await node.directory.update()
        #expect(await !node.directory.isSettled)
        clock.advance(milliseconds: 2500)
        #expect(await node.directory.isSettled)
        #expect(await !node.directory.isSettledForTakeovers)
        clock.advance(milliseconds: 6500)
        #expect(await node.directory.isSettledForTakeovers)
    }

    @Test("A clock that is off is seen by that of Redis")
    func seesSkew() async throws {
        let skew = try #require(await (try await node("ND_off")).directory.compareClocks())
        #expect(skew > .seconds(60) || skew < .seconds(-60))
        let right = try TestNode("ND_right", server, clock: .system)
        let none = try #require(await right.directory.compareClocks())
        #expect(none > .seconds(-60) && none < .seconds(60))
    }

    @Test("Many rooms are asserted at once, and those of other nodes are told")
    func assertsMany() async throws {
        let one = try await node("ND_one")
        let names = (0..<1200).map { "room\($0)" }
        try await one.client.setHashValue(Array("ND_one".utf8), of: "room7", in: "room_node_map")
        try await one.client.setHashValue(Array("ND_other".utf8), of: "room1100", in: "room_node_map")
        let first = try await one.placement.assert(names)
        #expect(first.elsewhere == ["room1100"])
        #expect(first.forgotten == Set(names).subtracting(["room7", "room1100"]))
        #expect(try await one.placement.assert(names) == RoomPlacement.Assertion(elsewhere: ["room1100"]))
        let map = try await map(of: one.client)
        #expect(map.count == 1200 && map["room1100"] == "ND_other" && map["room1199"] == "ND_one")
        #expect(try await one.placement.assert([String]()) == RoomPlacement.Assertion())
    }

    @Test("An entry of nonsense among the nodes ends nobody")
    func survivesNonsense() async throws {
        let one = try await node("ND_one")
        var broken = Livekit_Node()
        (broken.id, broken.state, broken.stats.updatedAt) = ("ND_broken", .serving, .min)
        try await one.client.setHashValue(broken.serializedBytes(), of: "ND_broken", in: "nodes")
        try await one.client.setHashValue([0xFF, 0xFF], of: "ND_worse", in: "nodes")
        #expect(try await one.placement.claim("room").id == "ND_one")
    }

    @Test("Nodes that have been silent for long are removed, and their rooms told of")
    func removesTheDead() async throws {
        _ = try await node("ND_dead")
        clock.advance(milliseconds: 29_000)
        _ = try await node("ND_quiet")
        clock.advance(milliseconds: 1000)
        let (gone, continuation) = AsyncStream<[String]>.makeStream()
        let sweeping = try TestNode("ND_sweeping", server, clock: clock.clock, onGone: { continuation.yield($0) })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sweeping.directory.run() }
            #expect(await gone.first { _ in true } == ["ND_dead"])
            group.cancelAll()
        }
        #expect(try await Set(sweeping.directory.nodes().map(\.id)) == ["ND_quiet", "ND_sweeping"])
    }

    @Test("Without Redis there is an error, and soon")
    func failsWithoutRedis() async throws {
        let node = try TestNode("ND_one", server, clock: clock.clock, timeout: .milliseconds(300))
        await node.directory.update()
        server.kill()
        await #expect(throws: RoomPlacementError.self) { try await node.placement.claim("room") }
        await #expect(throws: RoomPlacementError.self) { try await node.placement.node(for: "room") }
    }
}
