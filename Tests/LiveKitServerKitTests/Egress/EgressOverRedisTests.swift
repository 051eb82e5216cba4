import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Egress over a real Redis", .enabled(if: RedisServerProcess.isInstalled), .timeLimit(.minutes(1)))
struct EgressOverRedisTests {
    /// One process' own way to Redis.
    private struct Link {
        let client: RedisClient
        let bus: RedisMessageBus

        init(_ server: RedisServerProcess) throws {
            let configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: server.port)))
            client = try RedisClient(configuration, logger: Logger(label: "test"))
            bus = try RedisMessageBus(configuration, client: client, logger: Logger(label: "test"))
        }

        var backend: WorkerBackend {
            var backend = WorkerBackend(bus: bus, redis: client)
            backend.patience = .short
            return backend
        }

        func close() {
            bus.close()
            client.close()
        }
    }

    private func call(_ server: TestServer, _ method: String, _ json: String) async throws -> HTTPAnswer {
        try await server.call(method, json, token: TestServer.workerToken(), service: "Egress")
    }

    @Test("What a worker elsewhere begins is known to the next server, and ends there")
    func restart() async throws {
        let redis = try RedisServerProcess()
        let (first, second, worker) = (try Link(redis), try Link(redis), try Link(redis))
        defer { for link in [first, second, worker] { link.close() } }
        try await EgressWorker.with(worker.bus) { worker in
            var id = ""
            try await TestServer.with(workers: first.backend) { server in
                #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
                let started = try await eventually { () -> HTTPAnswer? in
                    let answer = try await call(server, "StartRoomCompositeEgress", #"{"room_name":"room"}"#)
                    return answer.status == 200 ? answer : nil
                }
                let info = try Livekit_EgressInfo(jsonString: started.body)
                #expect(info.status == .egressStarting)
            }
            id = try #require(await worker.requests.last?.egressID)
            try await TestServer.with(workers: second.backend) { [id] server in
                let listed = try await call(server, "ListEgress", #"{"room_name":"room","active":true}"#)
                let items = try Livekit_ListEgressResponse(jsonString: listed.body).items
                #expect(items.map(\.egressID).contains(id), "\(listed)")
                let stopped = try await eventually { () -> HTTPAnswer? in
                    let answer = try await call(server, "StopEgress", #"{"egress_id":"\#(id)"}"#)
                    return answer.status == 200 ? answer : nil
                }
                #expect(try Livekit_EgressInfo(jsonString: stopped.body).status == .egressEnding)
                try await worker.end(id, .egressComplete, at: 7)
                let ended = try await call(server, "ListEgress", #"{"egress_id":"\#(id)"}"#)
                let info = try #require(try Livekit_ListEgressResponse(jsonString: ended.body).items.first)
                #expect(info.status == .egressComplete && info.endedAt == 7)
            }
        }
    }

    @Test("Redis goes and comes back: calls fail clearly meanwhile, rooms go on, and then all works again")
    func outage() async throws {
        let process = try RedisServerProcess()
        let (link, workerLink) = (try Link(process), try Link(process))
        let redis = Mutex(process)
        defer { for link in [link, workerLink] { link.close() } }
        try await EgressWorker.with(workerLink.bus) { worker in
            try await TestServer.with(workers: link.backend) { server in
                let alice = try await server.signal("alice")
                _ = try await alice.join()
                redis.withLock { $0.kill() }
                let failed = try await call(server, "ListEgress", "{}")
                #expect(failed.status == 500 && failed.body.contains("Redis"), "\(failed)")
                let rooms = try Livekit_ListRoomsResponse(jsonString: try await server.call("ListRooms", "{}").body)
                #expect(rooms.rooms.first?.numParticipants == 1)
                try redis.withLock { try $0.start() }
                _ = try await eventually { () -> HTTPAnswer? in
                    let answer = try await call(server, "StartWebEgress", #"{"url":"a"}"#)
                    return answer.status == 200 ? answer : nil
                }
            }
        }
    }
}
