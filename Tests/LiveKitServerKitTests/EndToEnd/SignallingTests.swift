import Foundation
import LiveKitCore
import LiveKitProtobuf
import Logging
import NIOWebSocket
import SwiftProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: signalling", .timeLimit(.minutes(1)))
struct SignallingTests {
    @Test("The join comes first, and an offer and a token follow")
    func join() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            let join = try await alice.first { message -> Livekit_JoinResponse? in
                guard case .join(let join) = message else {
                    Issue.record("something came before the join")
                    return Livekit_JoinResponse()
                }
                return join
            }
            #expect(join.participant.identity == "alice" && join.room.name == "room")
            #expect(join.enabledPublishCodecs.map(\.mime).contains("video/VP8"))
            let token = try await alice.first { if case .refreshToken(let token) = $0 { token } else { nil } }
            let verifier = TokenVerifier(secrets: [TestServer.key: TestServer.secret])
            #expect(try verifier.verify(token, now: TestServer.now()).identity == "alice")
            let offer = try await alice.first { if case .offer(let offer) = $0 { offer } else { nil } }
            #expect(offer.type == "offer" && offer.sdp == "v=0 offer")
        }
    }

    @Test("/rtc/v1 takes a join request and makes one peer connection")
    func joinByRequest() async throws {
        try await TestServer.with { server in
            var request = Livekit_JoinRequest()
            request.clientInfo.protocol = 17
            request.publisherOffer.type = "offer"
            request.publisherOffer.sdp = "v=0 mine"
            let alice = try await server.signal("alice", joining: request)
            let join = try await alice.join()
            #expect(!join.subscriberPrimary && join.participant.identity == "alice")
            let media = try #require(server.media.room(join.room.sid))
            let sid = ParticipantSID(rawValue: join.participant.sid)
            let offered = try await eventually { () -> String? in
                for case .remoteOffer(sid, let sdp, _, _) in media.commands { return sdp }
                return nil
            }
            #expect(offered == "v=0 mine")
        }
    }

    @Test(
        "The round trip that a client tells with its ping is noted, a minute at most",
        arguments: [(0, nil), (-5, nil), (250, 250), (86_400_000, 60_000)] as [(Int64, Int64?)])
    func roundTrip(_ told: Int64, _ noted: Int64?) async throws {
        try await TestServer.withServer { server, instance in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            var ping = Livekit_Ping()
            (ping.timestamp, ping.rtt) = (77, told)
            try alice.send(.pingReq(ping))
            let pong = try await alice.first { if case .pongResp(let pong) = $0 { pong } else { nil } }
            #expect(pong.lastPingTimestamp == 77 && pong.timestamp > 1_600_000_000_000)
            let room = try #require(await instance.registry.room(named: "room"))
            // The answer leaves before the room has heard of the ping; another one behind it does not.
            try await alice.ping()
            try await alice.ping()
            let roundTrip = await room.participant(named: "alice")?.fallback.roundTrip
            #expect(roundTrip?.milliseconds == noted)
            await instance.shutdown()
        }
    }

    @Test("Messages are compressed both ways where the client offers that")
    func compression() async throws {
        try await TestServer.with { server in
            let token = try TestServer.token("alice") { $0.metadata = String(repeating: "m", count: 2000) }
            let path = "/rtc?protocol=16&access_token=\(token)"
            let plain = try await SignalClient.connect(port: server.port, path: path)
            _ = try await plain.join()
            #expect(plain.compressedMessages.load(ordering: .relaxed) == 0)
            let alice = try await SignalClient.connect(
                port: server.port, path: path, extensions: "permessage-deflate; client_max_window_bits")
            #expect(try await alice.join().participant.identity == "alice")
            #expect(alice.compressedMessages.load(ordering: .relaxed) >= 1)
            var request = Livekit_SignalRequest()
            request.message = .ping(7)
            alice.send(deflated: try #require(Deflater.deflate(try request.serializedBytes(), windowBits: 15)))
            _ = try await alice.first { if case .pong(let time) = $0 { time } else { nil } }
            let bomb = try #require(Deflater.deflate([UInt8](repeating: 0, count: 3 << 20), windowBits: 15))
            #expect(bomb.count < 20_000)
            alice.send(deflated: bomb)
            #expect(try await alice.closed() == .messageTooLarge)
        }
    }

    @Test("Two participants see each other come and go")
    func twoParticipants() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let bob = try await server.signal("bob")
            let join = try await bob.join()
            #expect(join.otherParticipants.map(\.identity) == ["alice"])
            let seen = try await alice.first { message in message.participant { $0.identity == "bob" } }
            #expect(seen.sid == join.participant.sid)
            var leave = Livekit_LeaveRequest()
            leave.reason = .clientInitiated
            try bob.send(.leave(leave))
            let gone = try await alice.first { message in message.participant { $0.state == .disconnected } }
            #expect(gone.identity == "bob" && gone.disconnectReason == .clientInitiated)
            #expect(try await bob.closed() == .normalClosure)
        }
    }

    @Test("Who goes without a word and without media is gone")
    func cutConnection() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let bob = try await server.signal("bob")
            _ = try await bob.join()
            bob.cut()
            let gone = try await alice.first { message in message.participant { $0.state == .disconnected } }
            #expect(gone.identity == "bob")
        }
    }

    @Test("Pings are answered in the form that asked, in order")
    func pings() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            for stamp in 1...200 as ClosedRange<Int64> {
                var ping = Livekit_Ping()
                ping.timestamp = stamp
                try alice.send(.pingReq(ping))
            }
            for stamp in 1...200 as ClosedRange<Int64> {
                let pong = try await alice.first { if case .pongResp(let pong) = $0 { pong } else { nil } }
                #expect(pong.lastPingTimestamp == stamp)
            }
            alice.send(bytes: Array(#"{"ping":"5"}"#.utf8), .text)
            #expect(try await alice.first { if case .pong(let time) = $0 { time } else { nil } } > 1_600_000_000_000)
        }
    }

    @Test(
        "Garbage throws its sender out and nobody else",
        arguments: ["noise", "array", "utf8", "huge", "truncated"])
    func garbage(_ kind: String) async throws {
        try await TestServer.with {
            $0.limits.signalMessageBytes = 100_000
        } _: { server in
            let bystander = try await server.signal("bystander")
            _ = try await bystander.join()
            let offender = try await server.signal("offender")
            _ = try await offender.join()
            switch kind {
            case "noise": offender.send(bytes: Array(repeating: 0xFF, count: 500), .binary)
            case "array": offender.send(bytes: Array("[1,2,3]".utf8), .text)
            case "utf8": offender.send(bytes: [0xC3, 0x28], .text)
            case "huge": offender.send(bytes: Array(repeating: 10, count: 300_000), .binary)
            default: offender.send(bytes: [0x22, 0x50, 0x0A], .binary)
            }
            let code = try await offender.closed()
            #expect(code == (kind == "huge" ? .messageTooLarge : .dataInconsistentWithMessage))
            try bystander.send(.ping(1))
            _ = try await bystander.first { if case .pong(let time) = $0 { time } else { nil } }
            let gone = try await server.signal("probe")
            _ = try await gone.join()
        }
    }

    @Test("A resume is refused with the advice to start afresh")
    func resumeIsRefused() async throws {
        try await TestServer.with { server in
            let ghost = try await server.signal("ghost", query: "&reconnect=1&sid=PA_none")
            let leave = try await ghost.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .stateMismatch && leave.action == .reconnect)
            #expect(try await ghost.closed() == .normalClosure)
        }
    }

    @Test("A session goes on over another socket, and the first one hears no more of it")
    func resume() async throws {
        try await TestServer.with { server in
            let first = try await server.signal("alice")
            let join = try await first.join()
            let media = try #require(server.media.room(join.room.sid))
            let sid = ParticipantSID(rawValue: join.participant.sid)
            media.report([.connectionState(sid, .subscriber, .connected)])
            _ = try await first.first { message in message.participant { $0.state == .active } }
            let second = try await server.signal("alice", query: "&reconnect=1&sid=\(sid)")
            let answered = try await second.first { message -> Bool? in
                if case .reconnect = message { true } else { false }
            }
            #expect(answered, "something came before the answer")
            #expect(try await first.closed() == .normalClosure)
            let seen = try await second.first { message in message.participant { $0.identity == "alice" } }
            #expect(seen.sid == sid.rawValue && seen.state == .active)
            second.cut()
            let third = try await server.signal("alice", query: "&reconnect=1&sid=\(sid)")
            _ = try await third.first { if case .reconnect(let response) = $0 { response } else { nil } }
            try third.send(.ping(1))
            _ = try await third.first { if case .pong(let time) = $0 { time } else { nil } }
            #expect(media.commands.contains { if case .restartICE(sid) = $0 { true } else { false } })
        }
    }

    @Test("Data goes to the others, stamped")
    func data() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            let join = try await alice.join()
            let bob = try await server.signal("bob")
            let other = ParticipantSID(rawValue: try await bob.join().participant.sid)
            let media = try #require(server.media.room(join.room.sid))
            var packet = Livekit_DataPacket()
            packet.user.payload = Data("hi".utf8)
            let sender = ParticipantSID(rawValue: join.participant.sid)
            media.report([.dataChannelOpened(other, .reliable), .data(sender, .reliable, try packet.serializedBytes())])
            let sent = try await eventually { () -> Livekit_DataPacket? in
                for case .sendData(let receivers, .reliable, let bytes) in media.commands where receivers == [other] {
                    return try? Livekit_DataPacket(serializedBytes: bytes)
                }
                return nil
            }
            #expect(sent.participantIdentity == "alice" && sent.user.payload == Data("hi".utf8))
        }
    }

    @Test("The API changes, removes and ends what clients see")
    func administration() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let bob = try await server.signal("bob")
            _ = try await bob.join()
            let updated = try await server.call(
                "UpdateParticipant", #"{"room":"room","identity":"bob","metadata":"m","attributes":{"k":"v"}}"#)
            #expect(updated.status == 200 && updated.body.contains(#""metadata":"m""#))
            let seen = try await alice.first { message in message.participant { $0.metadata == "m" } }
            #expect(seen.attributes == ["k": "v"])
            #expect(try await server.call("UpdateRoomMetadata", #"{"room":"room","metadata":"agenda"}"#).status == 200)
            let room = try await alice.first { if case .roomUpdate(let update) = $0 { update.room } else { nil } }
            #expect(room.metadata == "agenda")
            #expect(try await server.call("RemoveParticipant", #"{"room":"room","identity":"bob"}"#).status == 200)
            let leave = try await bob.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .participantRemoved)
            #expect(try await server.call("DeleteRoom", #"{"room":"room"}"#).status == 200)
            let end = try await alice.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(end.reason == .roomDeleted)
            let listed = try await server.call("ListRooms", "{}")
            #expect(!listed.body.contains("RM_"))
        }
    }

    @Test("A full room refuses with a status, before the upgrade")
    func fullRoom() async throws {
        try await TestServer.with { server in
            #expect(try await server.call("CreateRoom", #"{"name":"room","max_participants":1}"#).status == 200)
            let one = try await server.signal("one")
            _ = try await one.join()
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("two") }
        }
    }

    @Test("The end of the server is told to everybody")
    func shutdown() async throws {
        var configuration = LiveKitServerConfiguration()
        configuration.port = 0
        configuration.bindAddresses = ["127.0.0.1"]
        configuration.keys = [TestServer.key: TestServer.secret]
        configuration.logLevel = .critical
        let server = try LiveKitServer(configuration: configuration, mediaPlane: RecordingMediaPlane())
        async let running: Void = server.run()
        let port = try await server.started()
        #expect(await server.port == port)
        let client = try await SignalClient.connect(
            port: port, path: "/rtc?protocol=16&access_token=\(try TestServer.token("alice"))")
        _ = try await client.join()
        await server.shutdown()
        let leave = try await client.first { if case .leave(let leave) = $0 { leave } else { nil } }
        #expect(leave.reason == .serverShutdown)
        try await running
    }
}

extension Livekit_SignalResponse.OneOf_Message {
    /// The first participant of an update that fits.
    fileprivate func participant(_ fits: (Livekit_ParticipantInfo) -> Bool) -> Livekit_ParticipantInfo? {
        guard case .update(let update) = self else { return nil }
        return update.participants.first(where: fits)
    }
}
