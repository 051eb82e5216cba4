import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: joining and leaving")
struct RoomJoiningTests {
    @Test("The join response comes first and tells of the others")
    func joinResponseIsFirst() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        guard case .join(let join) = room.signals(to: bob).first else {
            Issue.record("the first message is not the join response")
            return
        }
        #expect(join.room.name == "room" && join.room.sid.hasPrefix("RM_"))
        #expect(join.participant.sid == bob.rawValue && join.participant.state == .joined)
        #expect(join.otherParticipants.map(\.identity) == ["alice"])
        #expect(join.subscriberPrimary && join.fastPublish)
        #expect(join.pingInterval == 5 && join.pingTimeout == 15)
        #expect(room.updates(to: alice).map(\.sid) == [bob.rawValue])
        #expect(room.media.contains { if case .addParticipant(bob, _) = $0 { true } else { false } })
    }

    @Test("A newcomer with the same identity replaces the older session")
    func duplicateIsReplaced() throws {
        var room = RoomHarness()
        let watcher = try room.join("watcher")
        let older = try room.join("twin")
        let newer = try room.join("twin")
        #expect(room.leave(to: older)?.reason == .duplicateIdentity)
        #expect(room.leave(to: older)?.action == .disconnect)
        #expect(room.state.order == [watcher, newer])
        let told = room.updates(to: watcher).filter { $0.identity == "twin" }
        #expect(told.map(\.state) == [.joined, .joined])
        #expect(told.last?.sid == newer.rawValue)
    }

    @Test("A full room refuses, but not agents nor the identity that is replaced")
    func fullRoomRefuses() throws {
        var room = RoomHarness { $0.maxParticipants = 1 }
        try room.join("one")
        #expect(throws: JoinRefusal.roomFull) { try room.join("two") }
        try room.join("one")
        try room.join("robot") { $0.kind = .agent }
        #expect(room.state.order.count == 2)
    }

    @Test("Hidden participants are told of others, and nobody is told of them")
    func hiddenIsInvisible() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let ghost = try room.join("ghost") { $0.permission.hidden = true }
        room.activate(ghost)
        #expect(room.updates(to: alice).isEmpty)
        let late = try room.join("late")
        #expect(!room.updates(to: ghost).isEmpty)
        guard case .join(let join) = room.signals(to: late).first else { return }
        #expect(join.otherParticipants.map(\.identity) == ["alice"])
        #expect(join.room.numParticipants == 2)
    }

    @Test("The primary connection makes a participant ACTIVE, once")
    func primaryConnectionActivates() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.forget()
        room.report(.connectionState(bob, .publisher, .connected))
        #expect(room.updates(to: alice).isEmpty)
        room.report(.connectionState(bob, .subscriber, .connected))
        room.report(.connectionState(bob, .subscriber, .connected))
        #expect(room.updates(to: bob).map(\.state) == [.active])
        room.pass(.seconds(3))
        #expect(room.updates(to: alice).map(\.state) == [.active])
    }

    @Test("Who may not subscribe becomes ACTIVE by its publisher connection")
    func publisherIsPrimaryWithoutSubscribing() throws {
        var room = RoomHarness()
        let bob = try room.join("bob") { $0.permission.canSubscribe = false }
        guard case .join(let join) = room.signals(to: bob).first else { return }
        #expect(!join.subscriberPrimary)
        room.report(.connectionState(bob, .publisher, .connected))
        #expect(room.state.participants[bob]?.state == .active)
    }

    @Test("Who is not ACTIVE in a minute is removed")
    func lateParticipantIsRemoved() throws {
        var room = RoomHarness()
        let slow = try room.join("slow")
        let quick = try room.join("quick")
        room.activate(quick)
        room.pass(.seconds(59))
        #expect(room.state.order == [slow, quick])
        room.pass(.seconds(2))
        #expect(room.state.order == [quick])
        #expect(room.leave(to: slow)?.reason == .joinFailure)
    }

    @Test("A lost signalling connection ends a session without media at once, and another not at all")
    func signalLoss() throws {
        var room = RoomHarness()
        let raw = try room.join("raw")
        let active = try room.join("active")
        try room.join("other")
        room.activate(active)
        room.change { $0.signalLost(raw, now: $1) }
        room.change { $0.signalLost(active, now: $1) }
        #expect(room.state.participants[raw] == nil)
        #expect(room.state.participants[active] != nil)
        room.pass(.seconds(120))
        #expect(room.state.participants[active] != nil)
    }

    @Test("Clients before protocol 13 are told by a flag whether to reconnect")
    func oldClientsGetAFlag() throws {
        var room = RoomHarness()
        let old = try room.join("old") { $0.client.protocol = 9 }
        room.report(.answerMissing(old))
        #expect(room.leave(to: old)?.canReconnect == true)
        #expect(room.leave(to: old)?.action == .disconnect)
    }

    @Test("Leaving tells the others why")
    func leavingTellsWhy() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        var leave = Livekit_LeaveRequest()
        leave.reason = .clientInitiated
        room.send(.leave(leave), from: bob)
        #expect(room.updates(to: alice).last?.state == .disconnected)
        #expect(room.updates(to: alice).last?.disconnectReason == .clientInitiated)
    }

    @Test("Rooms close after their timeouts, and agents do not keep them open")
    func idleRoomsClose() throws {
        var never = RoomHarness { $0.emptyTimeout = 5 }
        never.pass(.seconds(4))
        #expect(!never.state.isClosed)
        never.pass(.seconds(2))
        #expect(never.state.isClosed)

        var left = RoomHarness { $0.departureTimeout = 5 }
        let alice = try left.join("alice")
        let robot = try left.join("robot") { $0.kind = .agent }
        left.activate(alice)
        left.activate(robot)
        left.pass(.seconds(30))
        #expect(!left.state.isClosed)
        left.send(.leave(Livekit_LeaveRequest()), from: alice)
        left.pass(.seconds(6))
        #expect(left.state.isClosed)
        #expect(left.leave(to: robot)?.reason == .roomClosed)
        #expect(throws: JoinRefusal.roomClosed) { try left.join("late") }
    }

    @Test("A deleted room tells everybody, and nothing follows")
    func closingTellsEverybody() throws {
        var room = RoomHarness()
        let sids = [try room.join("a"), try room.join("b")]
        room.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        for sid in sids { #expect(room.leave(to: sid)?.reason == .roomDeleted) }
        let left = room.effects.compactMap { effect -> ParticipantSID? in
            if case .notice(.participantLeft(let sid, _, .roomDeleted)) = effect { sid } else { nil }
        }
        #expect(left == sids, "their sessions are counted")
        room.forget()
        room.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        room.send(.leave(Livekit_LeaveRequest()), from: sids[0])
        #expect(room.effects.isEmpty)
    }

    @Test("Counters go out once for each period")
    func countersAreCoalesced() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        try room.join("bob")
        try room.join("carol")
        room.pass(.seconds(6))
        let counts = room.signals(to: alice).compactMap { message -> UInt32? in
            if case .roomUpdate(let update) = message { update.room.numParticipants } else { nil }
        }
        #expect(counts == [3])
    }

    @Test("A token is sent at the join and again every five minutes")
    func tokensAreRefreshed() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        room.pass(.seconds(301))
        let tokens = room.effects.count { if case .refreshToken(alice) = $0 { true } else { false } }
        #expect(tokens == 2)
    }
}
