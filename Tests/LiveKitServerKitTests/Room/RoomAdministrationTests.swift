import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: what the API does beyond LiveKit's own server")
struct RoomAdministrationTests {
    private func call(_ room: inout RoomHarness, _ change: (inout Livekit_PerformRpcRequest) -> Void = { _ in }) throws
        -> String
    {
        var request = Livekit_PerformRpcRequest()
        request.destinationIdentity = "bob"
        request.method = "cook"
        request.payload = "soup"
        change(&request)
        var id = ""
        try room.change { state, now in id = try state.performRPC(request, now: now) }
        return id
    }

    private func pair() throws -> (RoomHarness, alice: ParticipantSID, bob: ParticipantSID) {
        var room = RoomHarness()
        let (alice, bob) = (try room.join("alice"), try room.join("bob"))
        room.activate(alice)
        room.activate(bob)
        room.forget()
        return (room, alice, bob)
    }

    private func acknowledgement(_ id: String) throws -> [UInt8] {
        var packet = Livekit_DataPacket()
        packet.rpcAck.requestID = id
        return try packet.serializedBytes()
    }

    private func response(_ id: String, _ change: (inout Livekit_RpcResponse) -> Void) throws -> [UInt8] {
        var packet = Livekit_DataPacket()
        packet.rpcResponse.requestID = id
        change(&packet.rpcResponse)
        return try packet.serializedBytes()
    }

    @Test("A call reaches its participant, and the answer comes back to the API alone")
    func call() throws {
        var (room, _, bob) = try pair()
        let id = try call(&room)
        let sent = try #require(room.sentData.first)
        #expect(sent.receivers == [bob] && sent.packet.rpcRequest.method == "cook")
        #expect(sent.packet.rpcRequest.payload == "soup" && sent.packet.rpcRequest.version == 1)
        room.forget()
        room.report(.data(bob, .reliable, try acknowledgement(id)))
        room.pass(.seconds(8))
        #expect(room.answers.isEmpty, "acknowledged, so it has its ten seconds")
        room.report(.data(bob, .reliable, try response(id) { $0.payload = "done" }))
        #expect(room.answers == [RPCAnswer(id: id, result: .success("done"))])
        #expect(room.sentData.isEmpty, "nobody else hears of it")
    }

    @Test("A participant's error comes back whole; somebody else's answer does not count")
    func error() throws {
        var (room, alice, bob) = try pair()
        let id = try call(&room)
        room.report(.data(alice, .reliable, try response(id) { $0.payload = "forged" }))
        #expect(room.answers.isEmpty)
        room.report(
            .data(
                bob, .reliable,
                try response(id) { response in
                    response.error.code = 1234
                    response.error.message = "burnt"
                    response.error.data = "black"
                }))
        #expect(
            room.answers == [
                RPCAnswer(id: id, result: .failure(RPCFailure(code: 1234, message: "burnt", data: "black")))
            ])
    }

    @Test("Silence, slowness and departure end a call, each with its own code")
    func ends() throws {
        var (room, _, bob) = try pair()
        let silent = try call(&room)
        room.pass(.seconds(7))
        #expect(room.answers == [RPCAnswer(id: silent, result: .failure(.connectionTimeout))])
        room.forget()
        let slow = try call(&room) { $0.responseTimeoutMs = 1500 }
        room.report(.data(bob, .reliable, try acknowledgement(slow)))
        room.pass(.seconds(2))
        #expect(room.answers == [RPCAnswer(id: slow, result: .failure(.responseTimeout))])
        room.forget()
        let left = try call(&room)
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        #expect(room.answers == [RPCAnswer(id: left, result: .failure(.recipientDisconnected))])
        #expect(throws: RPCFailure.recipientNotFound) { _ = try call(&room) }
        #expect(throws: RPCFailure.payloadTooLarge) {
            _ = try call(&room) {
                $0.destinationIdentity = "alice"
                $0.payload = String(repeating: "x", count: 15 * 1024 + 1)
            }
        }
    }

    @Test("Where the room keeps whoever came first, a second one is refused, but the lost one finds back")
    func duplicates() throws {
        var room = RoomHarness()
        room.change { state, _ in state.rules.refusesDuplicateIdentity = true }
        let first = try room.join("alice")
        room.activate(first)
        #expect(throws: JoinRefusal.identityInUse) { try room.join("alice") }
        room.change { state, now in state.signalLost(first, now: now) }
        let second = try room.join("alice")
        #expect(second != first && room.state.participants[first] == nil)
    }

    @Test("A limit of quality from token or API holds, whatever the client asks, until the API lifts it")
    func quality() throws {
        var (room, alice, _) = try pair()
        let carol = try room.join("carol") {
            $0.attributes = ["lk.limit.video_quality": "low"]
            $0.permission.canUpdateMetadata = true
        }
        room.activate(carol)
        let track = room.publish("camera", from: alice) { $0.type = .video }
        #expect(room.layers(of: track, for: carol) == [0])
        var wish = Livekit_UpdateTrackSettings()
        wish.trackSids = [track.rawValue]
        wish.quality = .high
        room.send(.trackSetting(wish), from: carol)
        var own = Livekit_UpdateParticipantMetadata()
        own.attributes = ["lk.limit.video_quality": "", "mood": "good"]
        room.send(.updateMetadata(own), from: carol)
        #expect(room.layers(of: track, for: carol) == [0, 0])
        #expect(room.state.participants[carol]?.attributes["mood"] == "good")
        try room.change { state, now in
            try state.updateDetails(
                of: carol, name: "", metadata: "", attributes: ["lk.limit.video_quality": "medium"], now: now)
        }
        try room.change { state, now in
            try state.updateDetails(
                of: carol, name: "", metadata: "", attributes: ["lk.limit.video_quality": ""], now: now)
        }
        #expect(room.layers(of: track, for: carol) == [0, 0, 1, 2])
    }

    @Test(
        "A limit that is lifted gives an adaptive client that has stated nothing its small first layer, not the highest"
    )
    func liftedLimit() throws {
        var (room, alice, _) = try pair()
        let carol = try room.join("carol") {
            $0.attributes = ["lk.limit.video_quality": "low"]
            $0.adaptsStreams = true
        }
        room.activate(carol)
        let track = room.publish("camera", from: alice) { $0.type = .video }
        try room.change { state, now in
            try state.updateDetails(
                of: carol, name: "", metadata: "", attributes: ["lk.limit.video_quality": ""], now: now)
        }
        #expect(room.layers(of: track, for: carol).last == 0)
    }

    @Test("A participant publishes as many tracks as it may, and is told about the next one")
    func tracks() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.tracksPerParticipant = 2
        var room = RoomHarness(limits: limits)
        let alice = try room.join("alice")
        for cid in ["a", "b"] { _ = room.publish(cid, from: alice) }
        var request = Livekit_AddTrackRequest()
        request.cid = "c"
        room.send(.addTrack(request), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .limitExceeded)
    }

    @Test("Revoked tokens are those from before, of that identity in that room; the memory of them is bounded")
    func revocations() {
        var revocations = TokenRevocations()
        var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 2000))
        claims.identity = "alice"
        claims.notBefore = NumericDate(secondsSinceEpoch: 999)
        revocations.revoke(room: "room", identity: "alice", before: NumericDate(secondsSinceEpoch: 1000))
        revocations.revoke(room: "room", identity: "alice", before: NumericDate(secondsSinceEpoch: 500))
        #expect(revocations.isRevoked(claims, room: "room") && !revocations.isRevoked(claims, room: "other"))
        claims.notBefore = NumericDate(secondsSinceEpoch: 1000)
        #expect(!revocations.isRevoked(claims, room: "room"))
        claims.notBefore = nil
        #expect(revocations.isRevoked(claims, room: "room"))
        for index in 0..<TokenRevocations.capacity {
            revocations.revoke(room: "room", identity: "\(index)", before: NumericDate(secondsSinceEpoch: 1))
        }
        #expect(!revocations.isRevoked(claims, room: "room"))
    }
}

extension RoomHarness {
    fileprivate var answers: [RPCAnswer] {
        effects.compactMap { if case .rpcAnswered(let answer) = $0 { answer } else { nil } }
    }

    fileprivate func layers(of track: TrackSID, for sid: ParticipantSID) -> [Int] {
        media.compactMap { command in
            if case .setTrackSettings(sid, track, let settings) = command { settings.maximumLayer } else { nil }
        }
    }
}
