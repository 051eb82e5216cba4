import Foundation
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite(
    "A server that is a node of a cluster, with a real Redis",
    .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(1)))
struct ClusterServerTests {
    private let redis: RedisServerProcess
    private let client: RedisClient

    init() throws {
        redis = try RedisServerProcess()
        let address = RedisAddress(host: "127.0.0.1", port: redis.port)
        client = try RedisClient(
            RedisConfiguration(.single(address)), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private var configure: (inout LiveKitServerConfiguration) -> Void {
        { [port = redis.port] in
            $0.redis.address = "127.0.0.1:\(port)"
            $0.region = "here"
            $0.room.departureTimeout = 0
        }
    }

    private func nodes() async throws -> [Livekit_Node] {
        try await client.hashValues(in: "nodes").map { try Livekit_Node(serializedBytes: $0) }
    }

    /// A room as its node wrote it.
    private func room(_ name: String) async throws -> Livekit_Room? {
        try await client.hashValue(of: name, in: "rooms").map { try Livekit_Room(serializedBytes: $0) }
    }

    private func participants(_ room: String) async throws -> [String] {
        try await client.hashValues(in: "room_participants:\(room)")
            .map { try Livekit_ParticipantInfo(serializedBytes: $0).identity }.sorted()
    }

    @Test("It registers, with what it is and how it is, says that it drains, and takes itself out")
    func registers() async throws {
        try await TestServer.withServer(configure) { server, instance in
            let node = try #require(try await nodes().first)
            #expect(node.id.hasPrefix("ND_") && node.state == .serving && node.region == "here" && !node.ip.isEmpty)
            #expect(node.numCpus > 0 && node.stats.memoryTotal > 0 && node.stats.startedAt > 0)
            let fields = try await client.hash("nodes").map(\.field)
            #expect(fields == [node.id])
            let alice = try await server.signal("alice")
            // Measured each two seconds, and written each two.
            let measured = try await eventually {
                try? await eventually { try await nodes().first { $0.stats.numClients == 1 } }
            }
            #expect(measured.stats.numRooms == 1 && measured.stats.participantSignalConnected == 1)
            await instance.drain()
            _ = try await eventually { try await nodes().first { $0.state == .shuttingDown } }
            try alice.send(.leave(Livekit_LeaveRequest()))
        }
        #expect(try await nodes().isEmpty)
        #expect(try await client.hash("rooms").isEmpty)
        #expect(try await client.hash("room_node_map").isEmpty)
    }

    @Test("A room, who is in it and its dispatches are written, as livekit-server does, and removed when it ends")
    func writesRooms() async throws {
        try await TestServer.with(configure) { server in
            _ = try await server.call("CreateRoom", #"{"name":"room","metadata":"about","empty_timeout":60}"#)
            let created = try await eventually { try await room("room") }
            #expect(created.metadata == "about" && created.emptyTimeout == 60 && created.sid.hasPrefix("RM_"))
            let node = try #require(try await nodes().first)
            #expect(try await client.hashValue(of: "room", in: "room_node_map") == Array(node.id.utf8))
            #expect(try await client.hashValue(of: "room", in: "room_internal") != nil)
            #expect(try await RoomStore(client: client).dispatches(of: "room").count == 1)
            let alice = try await server.signal("alice")
            let bob = try await server.signal("bob")
            _ = try await eventually { try await participants("room") == ["alice", "bob"] ? true : nil }
            _ = try await eventually { try await room("room")?.numParticipants == 2 ? true : nil }
            try bob.send(.leave(Livekit_LeaveRequest()))
            _ = try await eventually { try await participants("room") == ["alice"] ? true : nil }
            _ = try await server.call("DeleteRoom", #"{"room":"room"}"#)
            _ = try await eventually { try await room("room") == nil ? true : nil }
            let rest = RedisReply.array([.bytes(Array("nodes".utf8))])
            _ = try await eventually { try await client.send(RedisCommand("KEYS", "*")) == rest ? true : nil }
            _ = alice
        }
    }

    private static func names(_ server: TestServer, _ request: String = "{}") async throws -> Set<String> {
        let answer = try await server.call("ListRooms", request)
        return Set(try Livekit_ListRoomsResponse(jsonString: answer.body).rooms.map(\.name))
    }

    @Test("ListRooms knows the rooms of all nodes")
    func listsRoomsOfAllNodes() async throws {
        try await TestServer.with(configure) { one in
            try await TestServer.with(configure) { other in
                #expect(try await nodes().count == 2)
                _ = try await one.call("CreateRoom", #"{"name":"first"}"#)
                _ = try await other.call("CreateRoom", #"{"name":"second"}"#)
                #expect(try await Self.names(one).contains("first"))
                for server in [one, other] {
                    _ = try await eventually { try await Self.names(server) == ["first", "second"] ? true : nil }
                    #expect(try await Self.names(server, #"{"names":["second","none"]}"#) == ["second"])
                }
                redis.kill()
                #expect(try await one.call("ListRooms", "{}").status == 503)
                try redis.start()
            }
        }
    }

    @Test("While Redis is away rooms go on, new ones are refused; a Redis without memory learns of all of them")
    func survivesRedis() async throws {
        let brief: (inout LiveKitServerConfiguration) -> Void = {
            configure(&$0)
            $0.redis.commandTimeout = .seconds(2)
        }
        try await TestServer.with(brief) { server in
            let alice = try await server.signal("alice")
            _ = try await eventually { try await participants("room") == ["alice"] ? true : nil }
            redis.kill()
            let bob = try await server.signal("bob")
            let dave = try await server.signal("dave")
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("carol", room: "other") }
            try bob.send(.leave(Livekit_LeaveRequest()))
            try redis.start()
            _ = try await eventually { try? await participants("room") == ["alice", "dave"] ? true : nil }
            let carol = try await eventually { try? await server.signal("carol", room: "other") }
            _ = try await eventually { try? await participants("other") == ["carol"] ? true : nil }
            _ = try await eventually { try? await nodes().count == 1 ? true : nil }
            #expect(try await client.hash("room_node_map").count == 2)
            // Who joined meanwhile is reached from other nodes.
            try await TestServer.with(configure) { other in
                _ = try await eventually {
                    let answer = try await other.call("RemoveParticipant", #"{"room":"room","identity":"dave"}"#)
                    return answer.status == 200 ? true : nil
                }
            }
            _ = (alice, carol, dave)
        }
    }

    @Test("A server that is told of a Redis which is not there, or lets it not in, does not start")
    func doesNotStart() async throws {
        let locked = try RedisServerProcess(["--requirepass", "secret"])
        let refusal = await #expect(throws: ConfigurationError.self) {
            try await TestServer.with({
                $0.redis.address = "127.0.0.1:\(locked.port)"
                $0.redis.password = "wrong"
            }) { _ in }
        }
        #expect(refusal.map { "\($0)" }?.contains("WRONGPASS") == true)
        redis.kill()
        let error = await #expect(throws: ConfigurationError.self) {
            try await TestServer.with(configure) { _ in }
        }
        #expect(error.map { "\($0)" }?.contains("127.0.0.1:\(redis.port)") == true)
    }

    @Test("A server that others cannot call does not say that it is there")
    func doesNotRegister() async throws {
        _ = try await client.send(RedisCommand("ACL", "SETUSER", "mute", "on", ">word", "~*", "+@all", "resetchannels"))
        await #expect(throws: (any Error).self) {
            try await TestServer.with({
                configure(&$0)
                ($0.redis.username, $0.redis.password) = ("mute", "word")
            }) { _ in }
        }
        #expect(try await nodes().isEmpty)
    }

    @Test("The rooms of a node that broke are forgotten")
    func forgetsRooms() async throws {
        var dead = Livekit_Node()
        dead.id = "ND_dead"
        dead.stats.updatedAt = 1000
        try await client.setHashValue(dead.serializedBytes(), of: dead.id, in: "nodes")
        try await client.setHashValue(Array("ND_dead".utf8), of: "old", in: "room_node_map")
        try await client.setHashValue([], of: "old", in: "rooms")
        try await TestServer.with(configure) { _ in
            _ = try await eventually { try await client.hash("room_node_map").isEmpty ? true : nil }
            _ = try await eventually { try await client.hash("rooms").isEmpty ? true : nil }
            let left = try await nodes().map(\.id)
            #expect(!left.contains("ND_dead"))
        }
    }

    @Test("list-nodes shows them as a table")
    func listsNodes() async throws {
        var configuration = LiveKitServerConfiguration()
        await #expect(throws: ConfigurationError.self) { try await ClusterNodes.table(of: configuration) }
        configure(&configuration)
        try await TestServer.with(configure) { [configuration] _ in
            let table = try await ClusterNodes.table(of: configuration)
            let node = try #require(try await nodes().first)
            #expect(table.contains(node.id) && table.contains("(SERVING)") && table.contains("here"))
            let lengths = Set(table.split(separator: "\n").map(\.count))
            #expect(lengths.count == 1)
        }
    }
}
