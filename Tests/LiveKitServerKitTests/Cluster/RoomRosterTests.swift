import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite(
    "What a node keeps of its rooms in a real Redis",
    .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(1)))
struct RoomRosterTests {
    private let redis: RedisServerProcess
    private let clock = ManualClock()
    private let client: RedisClient

    init() throws {
        redis = try RedisServerProcess()
        client = try RedisClient(
            RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: redis.port))),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A roster that nothing drives but the test, over the rooms of a server that knows nothing of it.
    private struct Rig {
        let server: TestServer
        let registry: RoomRegistry
        let node: TestNode
        let roster: RoomRoster

        func create(_ names: String...) async throws {
            for name in names { _ = try await registry.create(name, CreateSettings()) }
        }

        func room(_ name: String) async throws -> RoomController { try #require(await registry.room(named: name)) }
    }

    private func withRig(_ body: @Sendable (Rig) async throws -> Void) async throws {
        try await TestServer.withServer { server, instance in
            let node = try TestNode("ND_one", redis, clock: clock.clock, timeout: .seconds(30))
            await node.directory.update()
            let roster = RoomRoster(
                registry: await instance.registry, changes: RoomChanges(), placement: node.placement,
                store: RoomStore(client: node.client), clock: clock.clock,
                logger: Logger(label: "roster") { _ in SwiftLogNoOpLogHandler() })
            try await body(Rig(server: server, registry: await instance.registry, node: node, roster: roster))
            node.client.close()
            await instance.shutdown()
        }
    }

    private func entries() async throws -> [String: String] {
        let entries = try await client.hash("room_node_map")
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.field, String(decoding: $0.value, as: UTF8.self)) })
    }

    private func rooms() async throws -> [String: String] {
        let rooms = try await client.hashValues(in: "rooms").map { try Livekit_Room(serializedBytes: $0) }
        return Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0.sid) })
    }

    private func put(_ room: String, on node: String) async throws {
        try await client.setHashValue(Array(node.utf8), of: room, in: "room_node_map")
    }

    @Test("That rooms are here is said of all of them, whatever becomes of what is written of each")
    func assertsFirst() async throws {
        try await withRig { rig in
            let names = (0..<40).map { "room\($0)" }
            for name in names { try await rig.create(name) }
            _ = try await client.setIfAbsent("rooms", [1], seconds: 600)
            #expect(await !rig.roster.write())
            #expect(try await Set(entries().keys) == Set(names))
            try await client.delete("rooms")
            #expect(await rig.roster.write())
            #expect(try await Set(rooms().keys) == Set(names))
        }
    }

    @Test("A room that cannot be written keeps no other from being written, and none from being removed")
    func goesOnAfterFailures() async throws {
        try await withRig { rig in
            try await rig.create("ended", "b", "c")
            #expect(await rig.roster.write())
            _ = await rig.registry.delete("ended")
            let ann = try await rig.server.signal("ann", room: "a")
            _ = try await ann.join()
            _ = try await client.setIfAbsent("room_participants:a", [1], seconds: 600)
            // They are written in no order, and the one that fails is hardly the last.
            let names = Set((0..<40).map { "room\($0)" })
            for name in names { try await rig.create(name) }
            #expect(await !rig.roster.write())
            let written = try await Set(rooms().keys)
            #expect(written.isSuperset(of: names.union(["b", "c"])) && !written.contains("ended"))
            #expect(try await Set(entries().keys) == names.union(["a", "b", "c"]))
            try await client.delete("room_participants:a")
            #expect(await rig.roster.write())
            #expect(try await client.hash("room_participants:a").map(\.field) == ["ann"])
        }
    }

    @Test("After Redis was lost all rooms are there again at the next turn")
    func assertsAfterReconnection() async throws {
        try await withRig { rig in
            try await rig.create("first", "second")
            #expect(await rig.roster.write())
            redis.kill()
            try redis.start()
            for client in [client, rig.node.client] { while (try? await client.ping()) == nil {} }
            #expect(await rig.roster.write())
            #expect(try await entries() == ["first": "ND_one", "second": "ND_one"])
            #expect(try await Set(rooms().keys) == ["first", "second"])
        }
    }

    @Test("What others removed of rooms that run is there again after some seconds")
    func looksAfterEntries() async throws {
        try await withRig { rig in
            try await rig.create("room")
            #expect(await rig.roster.write())
            #expect(try await RoomStore(client: client).remove("room", of: "ND_one"))
            clock.advance(milliseconds: 5000)
            #expect(await rig.roster.write())
            #expect(try await entries() == ["room": "ND_one"])
            #expect(try await rooms()["room"] != nil)
        }
    }

    @Test("A room that another node took while this one was paused is left to it, until that one ends it")
    func yields() async throws {
        try await withRig { rig in
            try await rig.create("room")
            #expect(await rig.roster.write())
            let other = try TestNode("ND_other", redis, clock: clock.clock)
            clock.advance(milliseconds: 6000)
            await other.directory.update()
            try await put("room", on: "ND_other")
            try await client.deleteHashValues(of: ["room"], in: "rooms")
            await rig.node.directory.update()
            #expect(await rig.roster.write())
            _ = await (try rig.room("room")).change { state, _ in state.info.metadata = "changed" }
            #expect(await rig.roster.write())
            #expect(try await entries() == ["room": "ND_other"])
            #expect(try await rooms().isEmpty)
            #expect(try await RoomStore(client: client).remove("room", of: "ND_other"))
            clock.advance(milliseconds: 5000)
            #expect(await rig.roster.write())
            #expect(try await entries() == ["room": "ND_one"])
            #expect(try await rooms()["room"] != nil)
        }
    }

    @Test("A room that ended and came back keeps its entry, and is written as it is")
    func keepsWhatCameBack() async throws {
        try await withRig { rig in
            try await rig.create("room")
            #expect(await rig.roster.write())
            _ = await rig.registry.delete("room")
            try await rig.create("room")
            // As a turn does that saw the room's end and not its return.
            try await rig.roster.remove("room")
            #expect(try await entries() == ["room": "ND_one"])
            #expect(await rig.roster.write())
            #expect(try await rooms()["room"] == rig.room("room").sid.rawValue)
        }
    }

    @Test("Entries without a room, and rooms without a node, are removed when they are seen twice")
    func sweeps() async throws {
        try await withRig { rig in
            try await rig.create("here")
            #expect(await rig.roster.write())
            let other = try TestNode("ND_other", redis, clock: clock.clock)
            await other.directory.update()
            try await put("there", on: "ND_other")
            try await put("refused", on: "ND_one")
            try await put("lost", on: "ND_gone")
            try await client.setHashValue([], of: "lost", in: "rooms")
            await rig.roster.sweep()
            #expect(try await entries().count == 4)
            await rig.roster.sweep()
            #expect(try await entries() == ["here": "ND_one", "there": "ND_other"])
            #expect(try await Set(rooms().keys) == ["here"])
        }
    }

    @Test("A room that nothing happens in says of no change, however time passes")
    func saysOfChanges() async throws {
        try await withRig { rig in
            try await rig.create("room")
            let room = try await rig.room("room")
            #expect(await room.tick())
            #expect(await rig.roster.write())
            #expect(await room.tick())
            #expect(room.isChanged.load(ordering: .relaxed) == false)
            await room.change { state, _ in state.info.metadata = "changed" }
            #expect(room.isChanged.load(ordering: .relaxed) == true)
        }
    }

    @Test("A room of any size is written, in parts that leave room for others")
    func writesLargeRooms() async throws {
        var record = RoomRecord()
        record.room.name = "large"
        for index in 0..<5000 {
            var info = Livekit_ParticipantInfo()
            info.identity = "participant\(index)"
            info.metadata = String(repeating: "a", count: 4096)
            record.participants[info.identity] = info
        }
        let store = RoomStore(client: client)
        async let written: Void = store.write(record, after: nil)
        try await client.ping()
        try await written
        #expect(try await client.hash("room_participants:large").count == 5000)
        #expect(client.counters.overflows.load(ordering: .relaxed) == 0)
    }

    @Test("Nothing of a room before it is left, its agents among it")
    func removesLeftovers() async throws {
        var record = RoomRecord()
        record.room.name = "room"
        record.participants["ann"] = Livekit_ParticipantInfo()
        for key in ["room_participants:room", "agent_dispatch:room", "agent_job:room"] {
            try await client.setHashValue([], of: "old", in: key)
        }
        try await client.setHashValue([1], of: "room", in: "room_internal")
        try await RoomStore(client: client).write(record, after: nil)
        #expect(try await client.hash("room_participants:room").map(\.field) == ["ann"])
        let keys = try await client.send(RedisCommand("KEYS", "*")).elements?.compactMap(\.text).sorted()
        #expect(keys == ["room_participants:room", "rooms"])
    }

    @Test("What another node has by now is not removed")
    func removesItsOwn() async throws {
        try await put("room", on: "ND_other")
        try await client.setHashValue([], of: "room", in: "rooms")
        let store = RoomStore(client: client)
        #expect(try await !store.remove("room", of: "ND_one"))
        #expect(try await client.hash("rooms").count == 1)
        #expect(try await store.remove("room", of: "ND_other"))
        #expect(try await client.send(RedisCommand("KEYS", "*")) == .array([]))
    }
}
