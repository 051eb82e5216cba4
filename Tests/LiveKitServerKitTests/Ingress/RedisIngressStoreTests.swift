import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Ingresses in Redis, under livekit-server's keys", .enabled(if: RedisServerProcess.isInstalled))
struct RedisIngressStoreTests {
    private func ingress(_ id: String, room: String = "room", key: String = "key") -> Livekit_IngressInfo {
        var info = Livekit_IngressInfo()
        info.ingressID = id
        info.roomName = room
        info.streamKey = key
        info.state.status = .endpointPublishing
        return info
    }

    private func state(_ status: Livekit_IngressState.Status, started: Int64, updated: Int64) -> Livekit_IngressState {
        var state = Livekit_IngressState()
        state.status = status
        state.startedAt = started
        state.updatedAt = updated
        return state
    }

    private func withStore(_ body: (RedisIngressStore, RedisClient) async throws -> Void) async throws {
        try await withRedis { redis in try await body(RedisIngressStore(redis: redis), redis) }
    }

    @Test("The keys and values are those that other nodes read, the state apart")
    func keys() async throws {
        try await withStore { store, redis in
            try await store.write(ingress("IN_1"))
            let publishing = state(.endpointPublishing, started: 1, updated: 2)
            try await store.write(publishing, of: "IN_1")
            let stored = try #require(try await redis.hashValue(of: "IN_1", in: "ingress"))
            var expected = ingress("IN_1")
            expected.clearState()
            #expect(try Livekit_IngressInfo(serializedBytes: stored) == expected)
            #expect(try await redis.hashValue(of: "key", in: "{ingress}_stream_key") == Array("IN_1".utf8))
            let members = try await redis.send(RedisCommand("SMEMBERS", "room_{ingress}:room"))
            #expect(members == .array([.bytes(Array("IN_1".utf8))]))
            let bytes = try #require(try await redis.get("{ingress}_state:IN_1"))
            #expect(try Livekit_IngressState(serializedBytes: bytes) == publishing)
        }
    }

    @Test("What was stored is found by its ID, its key and its room, which may change")
    func finds() async throws {
        try await withStore { store, _ in
            try await store.write(ingress("IN_1", key: "one"))
            try await store.write(ingress("IN_2", room: "", key: "two"))
            #expect(try await store.load(streamKey: "one").ingressID == "IN_1")
            #expect(try await store.load("IN_1").state.status == .endpointInactive, "nothing was told of it yet")
            #expect(Set(try await store.list(room: "").map(\.ingressID)) == ["IN_1", "IN_2"])
            #expect(try await store.list(room: "room").map(\.ingressID) == ["IN_1"])
            try await store.write(ingress("IN_1", room: "other", key: "one"))
            #expect(try await store.list(room: "room").isEmpty)
            #expect(try await store.list(room: "other").map(\.ingressID) == ["IN_1"])
            await #expect(throws: RPCError.ingressNotFound) { _ = try await store.load("IN_3") }
            await #expect(throws: RPCError.ingressNotFound) { _ = try await store.load(streamKey: "three") }
        }
    }

    @Test("States that come out of order do not take each other's place")
    func states() async throws {
        try await withStore { store, _ in
            try await store.write(ingress("IN_1"))
            try await store.write(state(.endpointPublishing, started: 5, updated: 9), of: "IN_1")
            try await store.write(state(.endpointBuffering, started: 5, updated: 8), of: "IN_1")
            #expect(try await store.load("IN_1").state.status == .endpointPublishing)
            await #expect(throws: RPCError.ingressOutOfDate) {
                try await store.write(state(.endpointInactive, started: 4, updated: 10), of: "IN_1")
            }
            try await store.write(state(.endpointError, started: 6, updated: 1), of: "IN_1")
            #expect(try await store.load("IN_1").state.status == .endpointError)
        }
    }

    @Test("Changes of several nodes at once all arrive, and leave one room")
    func races() async throws {
        try await withStore { store, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 { group.addTask { try await store.write(ingress("IN_1", room: "room\(number)")) } }
                try await group.waitForAll()
            }
            let room = try await store.load("IN_1").roomName
            for number in 0..<4 {
                let listed = try await store.list(room: "room\(number)").map(\.ingressID)
                #expect(listed == (room == "room\(number)" ? ["IN_1"] : []))
            }
        }
    }

    @Test("Of a deleted one nothing is left")
    func deletes() async throws {
        try await withStore { store, redis in
            try await store.write(ingress("IN_1"))
            try await store.write(state(.endpointPublishing, started: 5, updated: 9), of: "IN_1")
            try await store.delete(ingress("IN_1"))
            #expect(try await redis.send(RedisCommand("KEYS", "*")) == .array([]))
        }
    }
}
