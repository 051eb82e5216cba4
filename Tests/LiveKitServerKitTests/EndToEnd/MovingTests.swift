import LiveKitCore
import LiveKitProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: moving and forwarding participants", .timeLimit(.minutes(1)))
struct MovingTests {
    private static func token(to destination: String = "to") throws -> String {
        var token = AccessToken(apiKey: TestServer.key, apiSecret: TestServer.secret)
        var grant = VideoGrant(room: "from", roomAdmin: true)
        grant.destinationRoom = destination
        token.video = grant
        return try token.jwt(now: TestServer.now())
    }

    private static let request = #"{"room":"from","identity":"alice","destination_room":"to"}"#

    @Test("A participant goes to another room with its tracks, and speaks there over the same socket")
    func moves() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice", room: "from")
            let join = try await alice.join()
            let sid = ParticipantSID(rawValue: join.participant.sid)
            let source = try #require(server.media.room(join.room.sid))
            source.report([.connectionState(sid, .subscriber, .connected)])
            var add = Livekit_AddTrackRequest()
            add.cid = "microphone"
            try alice.send(.addTrack(add))
            let track = try await alice.first { if case .trackPublished(let it) = $0 { it.track.sid } else { nil } }
            let details = TrackDetails(mimeType: "audio/opus", mid: "0")
            source.report([.trackStarted(sid, TrackSID(rawValue: track), details)])
            let bob = try await server.signal("bob", room: "from")
            _ = try await bob.join()
            let carol = try await server.signal("carol", room: "to")
            let destination = try await carol.join().room

            let answer = try await server.call("MoveParticipant", Self.request, token: try Self.token())
            #expect(answer.status == 200, "\(answer.body)")
            let moved = try await alice.first { if case .roomMoved(let it) = $0 { it } else { nil } }
            #expect(moved.room.sid == destination.sid && moved.participant.sid == sid.rawValue)
            #expect(moved.otherParticipants.map(\.identity) == ["carol"])
            let claims = try TokenVerifier(secrets: [TestServer.key: TestServer.secret])
                .verify(moved.token, now: TestServer.now())
            #expect(claims.video?.room == "to" && claims.identity == "alice")
            #expect(source.departures.withLock { $0.map(\.1.rawValue) } == [destination.sid])
            let leaver = try await bob.participant { $0.identity == "alice" && $0.state == .disconnected }
            #expect(leaver.sid == sid.rawValue)
            let comer = try await carol.participant { $0.identity == "alice" }
            #expect(comer.tracks.map(\.sid) == [track] && comer.state == .active)

            var mute = Livekit_MuteTrackRequest()
            mute.sid = track
            mute.muted = true
            try alice.send(.mute(mute))
            let muted = try await carol.participant { $0.tracks.first?.muted == true }
            #expect(muted.identity == "alice")
            alice.cut()
        }
    }

    @Test("A participant goes to a room that it is forwarded to, and stays itself")
    func movesWhereItIsForwarded() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice", room: "from")
            let join = try await alice.join()
            let sid = ParticipantSID(rawValue: join.participant.sid)
            let source = try #require(server.media.room(join.room.sid))
            source.report([.connectionState(sid, .subscriber, .connected)])
            var add = Livekit_AddTrackRequest()
            add.cid = "microphone"
            try alice.send(.addTrack(add))
            let name = try await alice.first { if case .trackPublished(let it) = $0 { it.track.sid } else { nil } }
            let track = TrackSID(rawValue: name)
            source.report([.trackStarted(sid, track, TrackDetails(mimeType: "audio/opus", mid: "0"))])
            let carol = try await server.signal("carol", room: "to")
            let destination = try #require(server.media.room(try await carol.join().room.sid))
            #expect(try await server.call("ForwardParticipant", Self.request, token: try Self.token()).status == 200)
            _ = try await carol.participant { $0.identity == "alice" && !$0.tracks.isEmpty }

            #expect(try await server.call("MoveParticipant", Self.request, token: try Self.token()).status == 200)
            _ = try await alice.first { if case .roomMoved(let it) = $0 { it } else { nil } }
            var mute = Livekit_MuteTrackRequest()
            mute.sid = name
            mute.muted = true
            try alice.send(.mute(mute))
            let muted = try await carol.participant { $0.tracks.first?.muted == true }
            #expect(muted.sid == sid.rawValue && muted.state == .active)
            let commands = destination.commands
            let subscriptions = commands.count { if case .subscribe(_, track) = $0 { true } else { false } }
            #expect(subscriptions == 2, "once as it was lent, once as it came itself")
            let ends = commands.contains { command in
                switch command {
                case .removeParticipant(sid), .removeTrack(track): true
                default: false
                }
            }
            #expect(!ends)
        }
    }

    @Test("A forwarded participant is seen in both rooms, until it is removed there or leaves here")
    func forwards() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice", room: "from")
            let join = try await alice.join()
            let sid = ParticipantSID(rawValue: join.participant.sid)
            let source = try #require(server.media.room(join.room.sid))
            source.report([.connectionState(sid, .subscriber, .connected)])
            let carol = try await server.signal("carol", room: "to")
            let destination = try #require(server.media.room(try await carol.join().room.sid))
            let answer = try await server.call("ForwardParticipant", Self.request, token: try Self.token())
            #expect(answer.status == 200, "\(answer.body)")
            let shadow = try await carol.participant { $0.identity == "alice" }
            #expect(shadow.state == .active && shadow.tracks.isEmpty)

            var add = Livekit_AddTrackRequest()
            add.cid = "microphone"
            try alice.send(.addTrack(add))
            let name = try await alice.first { if case .trackPublished(let it) = $0 { it.track.sid } else { nil } }
            let track = TrackSID(rawValue: name)
            source.report([.trackStarted(sid, track, TrackDetails(mimeType: "audio/opus", mid: "0"))])
            let published = try await carol.participant { !$0.tracks.isEmpty }
            #expect(published.tracks.map(\.sid) == [name])
            #expect(source.loans.withLock { $0.map(\.0) } == [track])
            #expect(
                destination.commands.contains { if case .subscribe(_, track) = $0 { true } else { false } })

            let removal = #"{"room":"to","identity":"alice"}"#
            let token = try TestServer.apiToken(room: "to")
            #expect(try await server.call("RemoveParticipant", removal, token: token).status == 200)
            _ = try await carol.participant { $0.identity == "alice" && $0.state == .disconnected }
            let listed = try await server.call(
                "GetParticipant", #"{"room":"from","identity":"alice"}"#, token: try TestServer.apiToken(room: "from"))
            #expect(listed.status == 200, "it is still where it is")
            #expect(try await server.call("ForwardParticipant", Self.request, token: try Self.token()).status == 200)
            _ = try await carol.participant { $0.identity == "alice" && $0.state == .active }
            try alice.send(.leave(Livekit_LeaveRequest()))
            _ = try await carol.participant { $0.identity == "alice" && $0.state == .disconnected }
        }
    }

    @Test("A client that cannot be moved is given a token for the other room, and told to connect again")
    func olderClients() async throws {
        try await TestServer.with { server in
            let token = try TestServer.token("alice", room: "from")
            let alice = try await SignalClient.connect(
                port: server.port, path: "/rtc?protocol=13&access_token=\(token)")
            _ = try await alice.join()
            _ = try await alice.first { if case .refreshToken = $0 { true } else { nil } }
            let answer = try await server.call("MoveParticipant", Self.request, token: try Self.token())
            #expect(answer.status == 200)
            let renewed = try await alice.first { if case .refreshToken(let it) = $0 { it } else { nil } }
            let claims = try TokenVerifier(secrets: [TestServer.key: TestServer.secret])
                .verify(renewed, now: TestServer.now())
            #expect(claims.video?.room == "to")
            let leave = try await alice.first { if case .leave(let it) = $0 { it } else { nil } }
            #expect(leave.action == .reconnect)
        }
    }

    @Test("Nobody is moved to where he is, without the grant, into a full room, or who is not there")
    func refusals() async throws {
        try await TestServer.with { server in
            #expect(try await server.call("MoveParticipant", Self.request).status == 401)
            #expect(try await server.call("MoveParticipant", Self.request, token: try Self.token()).status == 404)
            let same = #"{"room":"from","identity":"alice","destination_room":"from"}"#
            #expect(try await server.call("MoveParticipant", same, token: try Self.token()).status == 401)
            let toSame = try Self.token(to: "from")
            #expect(try await server.call("MoveParticipant", same, token: toSame).status == 400)
            let alice = try await server.signal("alice", room: "from")
            _ = try await alice.join()
            #expect(try await server.call("CreateRoom", #"{"name":"to","max_participants":1}"#).status == 200)
            let carol = try await server.signal("carol", room: "to")
            _ = try await carol.join()
            #expect(try await server.call("MoveParticipant", Self.request, token: try Self.token()).status == 429)
            let nobody = #"{"room":"from","identity":"nobody","destination_room":"to"}"#
            #expect(try await server.call("MoveParticipant", nobody, token: try Self.token()).status == 404)
        }
    }

    @Test("A removed participant's token does not let it in again, a later one does")
    func revokedToken() async throws {
        try await TestServer.with { server in
            let token = try TestServer.token("alice")
            let alice = try await SignalClient.connect(
                port: server.port, path: "/rtc?protocol=16&access_token=\(token)")
            _ = try await alice.join()
            let later = TestServer.now().secondsSinceEpoch + 60
            let body = #"{"room":"room","identity":"alice","revoke_token_ts":"\#(later)"}"#
            #expect(try await server.call("RemoveParticipant", body).status == 200)
            let target = "/rtc/validate?access_token="
            #expect(try await HTTPClient.request(port: server.port, "GET", target + token).status == 401)
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("alice") }
            var fresh = AccessToken(apiKey: TestServer.key, apiSecret: TestServer.secret, identity: "alice")
            fresh.video = VideoGrant(room: "room", roomJoin: true)
            let valid = try fresh.jwt(now: TestServer.now().advanced(bySeconds: 60))
            #expect(try await HTTPClient.request(port: server.port, "GET", target + valid).status == 200)
            #expect(try await server.signal("bob").join().participant.identity == "bob")
        }
    }
}

extension MovingTests {
    @Test(
        "Tokens of somebody who has left already are revoked as well, though nobody is removed",
        arguments: [true, false])
    func revokedWhileAway(isRoomOpen: Bool) async throws {
        try await TestServer.with { server in
            let bob = isRoomOpen ? try await server.signal("bob") : nil
            let token = try TestServer.token("alice")
            let later = TestServer.now().secondsSinceEpoch + 60
            let body = #"{"room":"room","identity":"alice","revoke_token_ts":"\#(later)"}"#
            #expect(try await server.call("RemoveParticipant", body).status == 404)
            let target = "/rtc/validate?access_token="
            #expect(try await HTTPClient.request(port: server.port, "GET", target + token).status == 401)
            bob?.cut()
        }
    }
}

extension SignalClient {
    fileprivate func participant(
        _ isMeant: @escaping @Sendable (Livekit_ParticipantInfo) -> Bool
    ) async throws -> Livekit_ParticipantInfo {
        try await first { message in
            if case .update(let update) = message { update.participants.first(where: isMeant) } else { nil }
        }
    }
}
