import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Signalling by way of another node", .timeLimit(.minutes(1)))
struct RelayTests {
    private func leave(_ client: SignalClient) async throws -> Livekit_LeaveRequest {
        try await client.first { if case .leave(let leave) = $0 { leave } else { nil } }
    }

    /// Somebody who may change her own metadata.
    private func talkative(_ server: TestServer) async throws -> SignalClient {
        let token = try TestServer.token("ann") { $0.video?.canUpdateOwnMetadata = true }
        return try await SignalClient.connect(port: server.port, path: "/rtc?protocol=16&access_token=\(token)")
    }

    /// Waits until somebody is told of a participant in some state.
    private func update(
        _ client: SignalClient, _ identity: String, _ matches: @escaping @Sendable (Livekit_ParticipantInfo) -> Bool
    ) async throws -> Livekit_ParticipantInfo {
        try await client.first { message in
            guard case .update(let update) = message else { return nil }
            return update.participants.first { $0.identity == identity && matches($0) }
        }
    }

    @Test("Who joins through the wrong node is in the room, and its media goes to the room's node")
    func joins() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await talkative(nodes.away)
            let join = try await ann.join()
            #expect(join.serverInfo.nodeID == nodes.homeNode.nodeID)
            let offer = try await ann.first { if case .offer(let offer) = $0 { offer } else { nil } }
            #expect(offer.type == "offer")
            #expect(nodes.away.media.room(join.room.sid) == nil)
            let media = try #require(nodes.home.media.room(join.room.sid))
            let sid = ParticipantSID(rawValue: join.participant.sid)
            #expect(media.commands.contains { if case .addParticipant(sid, _) = $0 { true } else { false } })

            let bob = try await nodes.home.signal("bob")
            #expect(try await bob.join().otherParticipants.map(\.identity) == ["ann"])
            var change = Livekit_UpdateParticipantMetadata()
            change.metadata = "told through the other node"
            try ann.send(.updateMetadata(change))
            #expect(try await update(bob, "ann") { !$0.metadata.isEmpty }.metadata == change.metadata)
            try ann.send(.leave(Livekit_LeaveRequest()))
            _ = try await update(bob, "ann") { $0.state == .disconnected }
        }
    }

    @Test("/rtc/v1 goes by way of another node, too")
    func joinsByRequest() async throws {
        try await TwoNodes.with { nodes in
            var request = Livekit_JoinRequest()
            request.clientInfo.protocol = 17
            request.publisherOffer.type = "offer"
            request.publisherOffer.sdp = "v=0 mine"
            let ann = try await nodes.away.signal("ann", joining: request)
            let join = try await ann.join()
            let media = try #require(nodes.home.media.room(join.room.sid))
            let offered = try await eventually { () -> String? in
                for case .remoteOffer(_, let sdp, _, _) in media.commands { return sdp }
                return nil
            }
            #expect(offered == "v=0 mine")
        }
    }

    @Test("The socket's node answers pings")
    func pings() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.away.signal("ann")
            _ = try await ann.join()
            var ping = Livekit_Ping()
            ping.timestamp = 42
            try ann.send(.pingReq(ping))
            let pong = try await ann.first { if case .pongResp(let pong) = $0 { pong } else { nil } }
            #expect(pong.lastPingTimestamp == 42)
        }
    }

    @Test("A burst of messages arrives whole and in order")
    func burst() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await talkative(nodes.away)
            let bob = try await nodes.home.signal("bob")
            _ = try await (ann.join(), bob.join())
            for number in 1...200 {
                var change = Livekit_UpdateParticipantMetadata()
                change.metadata = "\(number)"
                try ann.send(.updateMetadata(change))
            }
            #expect(try await update(bob, "ann") { $0.metadata == "200" }.metadata == "200")
        }
    }

    @Test("A session is gone on with through either node", arguments: [false, true])
    func resumes(atHome: Bool) async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.away.signal("ann")
            let join = try await ann.join()
            let media = try #require(nodes.home.media.room(join.room.sid))
            media.report([.connectionState(ParticipantSID(rawValue: join.participant.sid), .subscriber, .connected)])
            _ = try await update(ann, "ann") { $0.state == .active }
            ann.cut()
            let server = atHome ? nodes.home : nodes.away
            let again = try await server.signal("ann", query: "&reconnect=1&sid=\(join.participant.sid)")
            _ = try await again.first { if case .reconnect(let reconnect) = $0 { reconnect } else { nil } }
            let bob = try await nodes.home.signal("bob")
            #expect(try await bob.join().otherParticipants.map(\.sid) == [join.participant.sid])
        }
    }

    @Test("A session that no node holds is to start afresh")
    func refusesResume() async throws {
        try await TwoNodes.with { nodes in
            let nowhere = try await nodes.away.signal("ann", query: "&reconnect=1&sid=PA_1")
            #expect(try await leave(nowhere).action == .reconnect)
            _ = try await nodes.home.signal("bob").join()
            let unknown = try await nodes.away.signal("ann", query: "&reconnect=1&sid=PA_1")
            #expect(try await leave(unknown).action == .reconnect)
        }
    }

    @Test("A node that takes no more rooms says of another node's that they may be joined")
    func validatesWhileDraining() async throws {
        try await TwoNodes.with { nodes in
            let first = try await nodes.home.signal("bob")
            _ = try await first.join()
            await nodes.awayNode.registry.drain()
            let token = try TestServer.token("ann")
            let target = "/rtc/validate?access_token=\(token)"
            #expect(try await HTTPClient.request(port: nodes.away.port, "GET", target).status == 200)
            let other = try TestServer.token("ann", room: "another")
            let refused = "/rtc/validate?access_token=\(other)"
            #expect(try await HTTPClient.request(port: nodes.away.port, "GET", refused).status == 503)
        }
    }

    @Test("Who is refused by the room's node is refused by the socket's, with the same status")
    func refuses() async throws {
        try await TwoNodes.with({ $0.room.maximumParticipants = 1 }) { nodes in
            _ = try await nodes.away.signal("ann").join()
            let answer = try await HTTPClient.request(
                port: nodes.away.port, "GET", "/rtc?access_token=\(try TestServer.token("bob"))",
                headers: [
                    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                ], body: "")
            #expect(answer.status == 429)
            #expect(answer.body == "room has exceeded its max participants")
        }
    }

    @Test("A room that its node makes no more is made elsewhere, and whoever asks first is let in")
    func isPlacedAnew() async throws {
        try await TwoNodes.with { nodes in
            #expect(try await nodes.placement.place("room", on: nodes.homeNode.nodeID) == nodes.homeNode.nodeID)
            await nodes.homeNode.registry.drain()
            await nodes.placement.drain(nodes.homeNode.nodeID)
            let join = try await nodes.away.signal("ann").join()
            #expect(join.serverInfo.nodeID == nodes.awayNode.nodeID)
        }
    }

    @Test("Who is refused for a room that is not made leaves no trace of it")
    func givesUp() async throws {
        try await TwoNodes.with { nodes in
            await nodes.homeNode.registry.drain()
            await #expect(throws: SignalClient.Refused.self) { try await nodes.home.signal("ann") }
            let node = try await nodes.placement.node(of: "room")
            #expect(node == nil)
        }
    }

    @Test("A node that makes no rooms validates joins of those that other nodes have")
    func validates() async throws {
        try await TwoNodes.with { nodes in
            _ = try await nodes.home.signal("ann").join()
            await nodes.awayNode.registry.drain()
            let token = try TestServer.token("bob")
            let path = "/rtc/validate?access_token=\(token)"
            #expect(try await HTTPClient.request(port: nodes.away.port, "GET", path).status == 200)
            let other = "/rtc/validate?access_token=\(try TestServer.token("bob", room: "other"))"
            #expect(try await HTTPClient.request(port: nodes.away.port, "GET", other).status == 503)
        }
    }

    @Test("A join is tried again when no node answered or the wrong one, and not when the room's node refused it")
    func triesAgain() {
        let shed = RPCError(HTTPFailure(JoinShedding.overloaded(seconds: 7)))
        #expect(!shed.asksForAnotherTry)
        #expect(HTTPFailure(shed).retryAfter ?? 0 > 0)
        for error in [RPCError.noResponse, .requestTimedOut, .streamEnded, .notTheRoomsNode] {
            #expect(error.asksForAnotherTry, "\(error)")
        }
        for error in [RPCError(.unavailable, "server does not take more"), RPCError(.resourceExhausted, "full")] {
            #expect(!error.asksForAnotherTry, "\(error)")
        }
    }

    @Test("A node that ends says so for each socket before it is silent", .enabled(if: RedisServerProcess.isInstalled))
    func tellsItsEnd() async throws {
        let redis = try RedisServerProcess()
        let configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: redis.port)))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = try RedisClient(configuration, logger: logger)
        let bus = try RedisMessageBus(configuration, client: client, logger: logger)
        let address = "127.0.0.1:\(redis.port)"
        try await TestServer.withServer({ $0.redis.address = address }) { first, firstNode in
            let ann = try await first.signal("ann")
            _ = try await ann.join()
            let channel = ChannelName.serverStreams(
                SignalRPC.relaySignal.service, SignalRPC.relaySignal.name, topic: [firstNode.nodeID])
            let said = try await bus.subscribe(to: channel, sharing: .everyone, capacity: 1000)
            try await TestServer.withServer({ $0.redis.address = address }) { second, secondNode in
                let bob = try await second.signal("bob")
                _ = try await bob.join()
                await secondNode.shutdown()
            }
            let end = await said.messages.first { bytes in
                guard let envelope: PSRPCStream = Envelope.open(bytes) else { return false }
                if case .close = envelope.body { return true }
                guard case .message(let message) = envelope.body else { return false }
                return (try? Rpc_RelaySignalRequest(serializedBytes: message.rawMessage))?.close == true
            }
            #expect(end != nil)
            await firstNode.shutdown()
        }
        bus.close()
        client.close()
    }

    @Test("When the room's node goes, participants are told, and come back on the other node")
    func nodeGoes() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.away.signal("ann")
            _ = try await ann.join()
            await nodes.homeNode.shutdown()
            #expect(try await leave(ann).reason == .serverShutdown)
            await nodes.placement.remove(nodes.homeNode.nodeID)
            let again = try await nodes.away.signal("ann")
            #expect(try await again.join().serverInfo.nodeID == nodes.awayNode.nodeID)
        }
    }

    @Test("Nodes that meet in Redis have one room between them", .enabled(if: RedisServerProcess.isInstalled))
    func meetInRedis() async throws {
        let redis = try RedisServerProcess()
        let address = "127.0.0.1:\(redis.port)"
        try await TestServer.withServer({ $0.redis.address = address }) { first, firstNode in
            try await TestServer.withServer({ $0.redis.address = address }) { second, secondNode in
                let ann = try await first.signal("ann")
                let join = try await ann.join()
                let bob = try await second.signal("bob")
                let other = try await bob.join()
                #expect(other.serverInfo.nodeID == join.serverInfo.nodeID)
                #expect(other.otherParticipants.map(\.identity) == ["ann"])
                for server in [first, second] {
                    let answer = try await server.call("ListParticipants", #"{"room":"room"}"#)
                    let listed = try Livekit_ListParticipantsResponse(jsonString: answer.body)
                    #expect(listed.participants.map(\.identity) == ["ann", "bob"])
                }
                await secondNode.shutdown()
            }
            await firstNode.shutdown()
        }
    }

    @Test("A second session of the same identity, through another node, replaces the first")
    func duplicates() async throws {
        try await TwoNodes.with { nodes in
            let first = try await nodes.away.signal("ann")
            _ = try await first.join()
            _ = try await nodes.home.signal("ann").join()
            #expect(try await leave(first).reason == .duplicateIdentity)
        }
    }
}
