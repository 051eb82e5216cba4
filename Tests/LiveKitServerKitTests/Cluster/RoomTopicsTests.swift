import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Logging
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("How other nodes reach rooms and participants", .timeLimit(.minutes(1)))
struct RoomTopicsTests {
    private let bus = RefusingBus()
    private static let (first, second) = (ParticipantSID(rawValue: "PA_1"), ParticipantSID(rawValue: "PA_2"))

    private func withTopics(_ body: @Sendable (RoomTopics, RoomRegistry) async throws -> Void) async throws {
        try await TestServer.withServer { [bus] _, instance in
            let rooms = LocalRooms(registry: await instance.registry, limits: .init(), peers: nil, egress: nil)
            let topics = RoomTopics(
                server: RPCServer(over: bus), rooms: rooms,
                logger: Logger(label: "topics") { _ in SwiftLogNoOpLogHandler() })
            try await body(topics, await instance.registry)
            await instance.shutdown()
        }
    }

    /// The topics on which somebody can be removed, and rooms deleted.
    private var people: Set<String> { topics(between: "Participant|RemoveParticipant|", "|REQ") }
    private var rooms: Set<String> { topics(between: "Room|DeleteRoom|", "|REQ") }

    private func topics(between prefix: String, _ suffix: String) -> Set<String> {
        Set(
            bus.channels.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
                .map { String($0.dropFirst(prefix.count).dropLast(suffix.count)) })
    }

    @Test("What was opened and joined while the bus was away is reached when it is back")
    func catchesUp() async throws {
        try await withTopics { topics, registry in
            bus.isAway.store(true, ordering: .relaxed)
            _ = try await registry.create("room", CreateSettings())
            await topics.follow(.roomOpened("room"))
            for identity in ["ann", "bob", "eve"] {
                await topics.follow(.joined(room: "room", identity: identity, ParticipantSID(rawValue: identity)))
            }
            await topics.follow(.left(room: "room", identity: "eve", ParticipantSID(rawValue: "eve")))
            // While it is away not everybody's topics are tried, for that takes time.
            #expect(bus.refused.load(ordering: .relaxed) == 1)
            await topics.follow(.tick)
            #expect(bus.refused.load(ordering: .relaxed) == 2)
            #expect(bus.channels.isEmpty)
            bus.isAway.store(false, ordering: .relaxed)
            await topics.follow(.tick)
            #expect(rooms == ["room"] && people == ["room_ann", "room_bob"])
            _ = await registry.delete("room")
            await topics.follow(.roomClosed("room"))
            #expect(rooms.isEmpty && people.isEmpty)
        }
    }

    @Test("A topic that two participants share is served for as long as one of them is there")
    func shares() async throws {
        try await withTopics { topics, _ in
            await topics.follow(.joined(room: "a", identity: "b_c", Self.first))
            await topics.follow(.joined(room: "a_b", identity: "c", Self.second))
            #expect(people == ["a_b_c"])
            await topics.follow(.left(room: "a", identity: "b_c", Self.first))
            #expect(people == ["a_b_c"])
            await topics.follow(.left(room: "a_b", identity: "c", Self.second))
            #expect(people.isEmpty)
        }
    }

    @Test("A session that replaces another one of the identity keeps the topic")
    func replaces() async throws {
        try await withTopics { topics, _ in
            await topics.follow(.joined(room: "room", identity: "ann", Self.first))
            await topics.follow(.joined(room: "room", identity: "ann", Self.second))
            await topics.follow(.left(room: "room", identity: "ann", Self.first))
            #expect(people == ["room_ann"])
        }
    }

    @Test("Revoked tokens that could not be told are told later, also to who could not listen before")
    func repeatsRevocations() async throws {
        let ground = NodePeers.Ground(bus: bus, placement: SharedPlacement())
        try await TestServer.withServer { _, instance in
            let rooms = LocalRooms(registry: await instance.registry, limits: .init(), peers: nil, egress: nil)
            let logger = Logger(label: "peers") { _ in SwiftLogNoOpLogHandler() }
            let peers = ["ND_one", "ND_other"].map { NodePeers(nodeID: $0, ground: ground, logger: logger) }
            bus.isAway.store(true, ordering: .relaxed)
            var request = Livekit_RoomParticipantIdentity()
            (request.room, request.identity, request.revokeTokenTs) = ("room", "ann", 1000)
            var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 2000))
            (claims.identity, claims.notBefore) = ("ann", NumericDate(secondsSinceEpoch: 500))
            await peers[0].tellRevoked(request)
            try await withThrowingTaskGroup(of: Void.self) { [claims] group in
                defer { group.cancelAll() }
                group.addTask { await peers[1].run(rooms) }
                _ = try await eventually { bus.refused.load(ordering: .relaxed) > 0 ? true : nil }
                bus.isAway.store(false, ordering: .relaxed)
                _ = try await eventually {
                    bus.channels.contains("LiveKitServerKit|TokensRevoked|REQ") ? true : nil
                }
                group.addTask { await peers[0].run(rooms) }
                _ = try await eventually {
                    (try? await instance.registry.checkToken(claims, room: "room")) == nil ? true : nil
                }
            }
            await instance.shutdown()
        }
    }
}
