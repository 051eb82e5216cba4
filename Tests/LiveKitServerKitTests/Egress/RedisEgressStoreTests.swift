import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Egresses in Redis, under livekit-server's keys", .enabled(if: RedisServerProcess.isInstalled))
struct RedisEgressStoreTests {
    private func egress(_ id: String, room: String, _ status: Livekit_EgressStatus = .egressActive, endedAt: Int64 = 0)
        -> Livekit_EgressInfo
    {
        var info = Livekit_EgressInfo()
        info.egressID = id
        info.roomName = room
        info.status = status
        info.endedAt = endedAt
        return info
    }

    private func withStore(_ body: (RedisEgressStore, RedisClient) async throws -> Void) async throws {
        try await withRedis { redis in try await body(RedisEgressStore(redis: redis), redis) }
    }

    @Test("The keys and values are those that other nodes read")
    func keys() async throws {
        try await withStore { store, redis in
            let info = egress("EG_1", room: "a|b", .egressComplete, endedAt: 77)
            try await store.add(info)
            try await store.update(info)
            let stored = try #require(try await redis.hashValue(of: "EG_1", in: "egress"))
            #expect(try Livekit_EgressInfo(serializedBytes: stored) == info)
            let members = try await redis.send(RedisCommand("SMEMBERS", "egress:room:a|b"))
            #expect(members == .array([.bytes(Array("EG_1".utf8))]))
            #expect(try await redis.hashValue(of: "EG_1", in: "ended_egress") == Array("a|b|77".utf8))
        }
    }

    @Test("What was stored is found, by its ID, by its room, and while it goes on")
    func lists() async throws {
        try await withStore { store, _ in
            try await store.add(egress("EG_1", room: "one"))
            try await store.add(egress("EG_2", room: "one", .egressComplete, endedAt: 5))
            try await store.add(egress("EG_3", room: "two", .egressEnding))
            func ids(_ room: String, _ isActive: Bool) async throws -> Set<String> {
                Set(try await store.list(room: room, isActive: isActive).map(\.egressID))
            }
            #expect(try await ids("", false) == ["EG_1", "EG_2", "EG_3"])
            #expect(try await ids("", true) == ["EG_1", "EG_3"])
            #expect(try await ids("one", false) == ["EG_1", "EG_2"])
            #expect(try await ids("one", true) == ["EG_1"])
            #expect(try await ids("none", false).isEmpty)
            #expect(try await store.load("EG_3").roomName == "two")
            await #expect(throws: RPCError.egressNotFound) { _ = try await store.load("EG_4") }
        }
    }

    @Test("Those that ended before a time are forgotten, wherever a bar stands in a room's name")
    func cleaning() async throws {
        try await withStore { store, redis in
            for (id, end) in [("EG_old", Int64(10)), ("EG_new", 20)] {
                let info = egress(id, room: "a|b", .egressComplete, endedAt: end)
                try await store.add(info)
                try await store.update(info)
            }
            try await store.add(egress("EG_live", room: "a|b"))
            try await redis.setHashValue(Array("nonsense".utf8), of: "EG_odd", in: "ended_egress")
            try await store.removeEnded(before: 20)
            #expect(Set(try await store.list(room: "a|b", isActive: false).map(\.egressID)) == ["EG_new", "EG_live"])
            await #expect(throws: RPCError.egressNotFound) { _ = try await store.load("EG_old") }
            #expect(try await redis.hashValue(of: "EG_old", in: "ended_egress") == nil)
            #expect(try await redis.hashValue(of: "EG_new", in: "ended_egress") != nil)
        }
    }

    @Test("A Redis that is gone is told within the time of a command")
    func away() async throws {
        let server = try RedisServerProcess()
        var configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: server.port)))
        configuration.commandTimeout = .milliseconds(200)
        let redis = try RedisClient(configuration, logger: Logger(label: "test"))
        let store = RedisEgressStore(redis: redis)
        try await store.add(egress("EG_1", room: "one"))
        server.kill()
        let error = await #expect(throws: RPCError.self) { _ = try await store.list(room: "", isActive: false) }
        #expect(error?.code == .internal && error?.message.contains("Redis") == true)
        redis.close()
    }
}

/// A Redis server of this test's own.
func withRedis(_ body: (RedisClient) async throws -> Void) async throws {
    let server = try RedisServerProcess()
    let address = RedisAddress(host: "127.0.0.1", port: server.port)
    let redis = try RedisClient(RedisConfiguration(.single(address)), logger: Logger(label: "test"))
    defer { redis.close() }
    try await body(redis)
    server.kill()
}
