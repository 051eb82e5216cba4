import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: those who come from other rooms, and those of whom only the tracks do")
struct RoomMovingTests {
    /// A participant of another room, with a microphone.
    private static func stranger(
        _ identity: String, _ change: (inout JoinIntent) -> Void = { _ in }
    ) throws -> RoomParticipant {
        var other = RoomHarness(seed: 99)
        let sid = try other.join(identity, change)
        other.activate(sid)
        other.publish("mic", from: sid)
        return try #require(other.state.participants[sid])
    }

    @Test("Who is on the way has a place, which nobody else gets, and the room waits for it")
    func places() throws {
        var room = RoomHarness { $0.maxParticipants = 1 }
        let alice = try Self.stranger("alice")
        try room.change { state, _ in try state.expect(alice) }
        #expect(throws: JoinRefusal.roomFull) { try room.join("bob") }
        let carol = try Self.stranger("carol")
        #expect(throws: JoinRefusal.roomFull) { try room.change { state, _ in try state.expect(carol) } }
        room.pass(.seconds(400))
        #expect(!room.state.isClosed)
        try room.change { state, now in try state.adopt(alice, now: now) }
        #expect(room.state.order == [alice.sid] && room.state.expected.isEmpty)
        #expect(throws: JoinRefusal.roomFull) { try room.join("bob") }
    }

    @Test("An agent on the way takes nobody's place; a closed room has none")
    func dependents() throws {
        var room = RoomHarness { $0.maxParticipants = 1 }
        let agent = try Self.stranger("agent") { $0.kind = .agent }
        try room.change { state, _ in try state.expect(agent) }
        try room.join("bob")
        room.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        #expect(throws: JoinRefusal.roomClosed) { try room.change { state, now in try state.adopt(agent, now: now) } }
    }

    @Test("A recorder that moves in is recording")
    func recorder() throws {
        var room = RoomHarness()
        try room.join("bob")
        let recorder = try Self.stranger("recorder") { $0.permission.recorder = true }
        try room.change { state, now in try state.adopt(recorder, now: now) }
        #expect(room.state.info.activeRecording)
    }

    @Test("What was lent of somebody who is not wanted goes back, for whatever reason it is not")
    func returnsLoans() throws {
        let alice = try Self.stranger("alice")
        let track = try #require(alice.tracks.first?.sid)
        func returned(_ room: RoomHarness) -> Int {
            room.media.count { if case .removeTrack(track) = $0 { true } else { false } }
        }
        func show(_ room: inout RoomHarness) -> Bool {
            var isShown = false
            room.change { state, now in isShown = state.showForwarded(alice, now: now) }
            return isShown
        }
        var removed = RoomHarness()
        let wasShown = show(&removed)
        #expect(wasShown)
        removed.change { state, now in
            state.remove(alice.sid, reason: .participantRemoved, leave: .disconnect, now: now)
        }
        removed.forget()
        var taken = RoomHarness()
        try taken.join("alice")
        var closed = RoomHarness()
        closed.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        for var room in [removed, taken, closed] {
            let isShown = show(&room)
            #expect(!isShown && returned(room) == 1)
        }
    }

    @Test("A shadow is no participant: it is not called, not resumed, not held to speak, and not counted when it goes")
    func shadows() throws {
        var room = RoomHarness()
        let bob = try room.join("bob")
        var alice = try Self.stranger("alice")
        alice.speakerLevel = 0.5
        alice.tracks[0].level = 0.5
        room.change { state, now in _ = state.showForwarded(alice, now: now) }
        #expect(room.state.participants[bob]?.subscriptions == Set(alice.tracks.map(\.sid)))
        #expect(!room.signals(to: bob).contains { if case .speakersChanged = $0 { true } else { false } })
        var call = Livekit_PerformRpcRequest()
        call.destinationIdentity = "alice"
        #expect(throws: RPCFailure.recipientNotFound) {
            try room.change { state, now in _ = try state.performRPC(call, now: now) }
        }
        #expect(throws: ResumeRefusal.unknownSession) { try room.resume("alice", alice.sid) }
        room.change { state, now in state.hideForwarded(alice.sid, now: now) }
        #expect(room.state.order == [bob])
        #expect(!room.effects.contains { if case .notice(.participantLeft) = $0 { true } else { false } })
    }

    @Test("What was paused of a shadow is not held to be when it comes itself")
    func pausesEnd() throws {
        var room = RoomHarness()
        let bob = try room.join("bob")
        let alice = try Self.stranger("alice")
        let track = try #require(alice.tracks.first?.sid)
        room.change { state, now in _ = state.showForwarded(alice, now: now) }
        room.report(.streamStates(bob, [StreamStateReport(publisher: alice.sid, track: track, isPaused: true)]))
        try room.change { state, now in try state.adopt(alice, now: now) }
        #expect(room.state.participants[bob]?.streamStates.isEmpty == true)
        #expect(room.state.participants[bob]?.subscriptions == [track])
    }
}
