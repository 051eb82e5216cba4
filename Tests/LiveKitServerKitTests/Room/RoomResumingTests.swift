import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: resuming a session")
struct RoomResumingTests {
    private static func kind(_ message: Livekit_SignalResponse.OneOf_Message) -> String {
        switch message {
        case .reconnect: "reconnect"
        case .update(let update): "update " + update.participants.map(\.identity).joined(separator: ",")
        case .roomUpdate: "room"
        case .leave: "leave"
        default: "other"
        }
    }

    private static func packet(_ sequence: UInt32) -> [UInt8] {
        var packet = Livekit_DataPacket()
        packet.user.payload = .init("\(sequence)".utf8)
        packet.sequence = sequence
        return (try? packet.serializedBytes()) ?? []
    }

    @Test("The answer comes first, then who left, then everybody, then the room, then a new path")
    func tellsEverythingInOrder() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        try room.join("carol")
        try room.join("ghost") { $0.permission.hidden = true }
        room.activate(alice)
        room.change { $0.signalLost(alice, now: $1) }
        room.pass(.seconds(1))
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        room.forget()
        room.report(.data(alice, .reliable, Self.packet(41)))
        #expect(try room.resume("alice", alice) == alice)
        #expect(
            room.signals(to: alice).map(Self.kind)
                == ["reconnect", "update bob", "update alice,carol", "room"])
        guard case .reconnect(let response) = room.signals(to: alice).first else { return }
        #expect(response.lastMessageSeq == 41)
        #expect(response.serverInfo.version == LiveKitServer.compatibleVersion)
        #expect(room.updates(to: alice).first?.state == .disconnected)
        #expect(room.media.contains { if case .restartICE(alice) = $0 { true } else { false } })
        #expect(room.leave(to: alice) == nil)
    }

    @Test("What changed of streams and data tracks while the client was away is told after the room")
    func tellsSubscriptionsAgain() throws {
        var room = RoomHarness()
        let alice = try room.join("alice") { $0.subscribesToDataTracks = true }
        let bob = try room.join("bob")
        room.activate(alice)
        room.activate(bob)
        let track = room.publish("cam", from: bob) { $0.type = .video }
        var request = Livekit_PublishDataTrackRequest()
        (request.pubHandle, request.name) = (1, "sensor")
        room.send(.publishDataTrackRequest(request), from: bob)
        room.report(.streamStates(alice, [StreamStateReport(publisher: bob, track: track, isPaused: true)]))
        room.change { $0.signalLost(alice, now: $1) }
        room.report(.streamStates(alice, [StreamStateReport(publisher: bob, track: track, isPaused: false)]))
        var gone = Livekit_UnpublishDataTrackRequest()
        gone.pubHandle = 1
        room.send(.unpublishDataTrackRequest(gone), from: bob)
        room.forget()
        try room.resume("alice", alice)
        let told = room.signals(to: alice)
        #expect(told.map(Self.kind).prefix(3) == ["reconnect", "update alice,bob", "room"])
        guard told.count == 5, case .dataTrackSubscriberHandles(let handles) = told[3],
            case .streamStateUpdate(let states) = told[4]
        else {
            Issue.record("\(told)")
            return
        }
        #expect(handles.subHandles.isEmpty)
        #expect(states.streamStates.map(\.trackSid) == [track.rawValue])
        #expect(states.streamStates.map(\.state) == [.active])
    }

    @Test("Who left and came back is not told to have left")
    func skipsThoseWhoAreBack() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(alice)
        room.change { $0.signalLost(alice, now: $1) }
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        try room.join("bob")
        room.forget()
        try room.resume("alice", alice)
        #expect(room.updates(to: alice).map(\.state) == [.active, .joined])
    }

    @Test("Clients before protocol 9 are not told of departures, nor old JavaScript ones of the resume itself")
    func sparesOldClients() throws {
        var room = RoomHarness()
        let old = try room.join("old") { $0.client.protocol = 8 }
        let script = try room.join("script") {
            $0.client.sdk = .js
            $0.client.version = "1.6.2"
        }
        let bob = try room.join("bob")
        for sid in [old, script] {
            room.activate(sid)
            room.change { $0.signalLost(sid, now: $1) }
        }
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        room.forget()
        try room.resume("old", old)
        try room.resume("script", script)
        #expect(room.signals(to: old).map(Self.kind).first == "reconnect")
        #expect(!room.updates(to: old).contains { $0.identity == "bob" })
        #expect(room.signals(to: script).map(Self.kind).first == "update old,script")
    }

    @Test("A session that is gone, or another one of the identity, is not taken up")
    func refusesUnknownSessions() throws {
        var room = RoomHarness()
        let first = try room.join("alice")
        let second = try room.join("alice")
        #expect(throws: ResumeRefusal.unknownSession) { try room.resume("alice", first) }
        #expect(throws: ResumeRefusal.unknownSession) { try room.resume("nobody", first) }
        #expect(try room.resume("alice", second) == second)
        #expect(try room.resume("alice", ParticipantSID(rawValue: "")) == second)
        room.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        #expect(throws: ResumeRefusal.unknownSession) { try room.resume("alice", second) }
    }

    @Test("Where the media fails the client is asked back, and given up after five seconds")
    func mediaFailure() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        for sid in [alice, bob] {
            room.activate(sid)
            room.report(.connectionState(sid, .subscriber, .failed))
            room.report(.connectionState(sid, .publisher, .failed))
        }
        #expect(room.signals(to: alice).count { if case .leave = $0 { true } else { false } } == 1)
        #expect(room.leave(to: alice)?.action == .resume && room.leave(to: alice)?.reason == .connectionTimeout)
        #expect(room.effects.contains { if case .hangUp(alice) = $0 { true } else { false } })
        room.change { $0.signalLost(alice, now: $1) }
        room.pass(.seconds(4))
        try room.resume("alice", alice)
        room.report(.connectionState(alice, .subscriber, .connecting))
        room.pass(.seconds(10))
        #expect(room.state.order == [alice])
        let gone = room.updates(to: alice).last { $0.identity == "bob" }
        #expect(gone?.state == .disconnected && gone?.disconnectReason == .connectionTimeout)
    }

    @Test("Clients before protocol 13 are not asked back; their socket ends")
    func mediaFailureOfOldClients() throws {
        var room = RoomHarness()
        let old = try room.join("old") { $0.client.protocol = 12 }
        room.activate(old)
        room.report(.connectionState(old, .subscriber, .failed))
        #expect(room.leave(to: old) == nil)
        #expect(room.effects.contains { if case .hangUp(old) = $0 { true } else { false } })
    }

    @Test("An offer that is not answered ends the session, unless its client is away")
    func missingAnswer() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        room.change { $0.signalLost(alice, now: $1) }
        room.report(.answerMissing(alice))
        #expect(room.state.order == [alice])
        try room.resume("alice", alice)
        room.report(.answerMissing(alice))
        #expect(room.state.order.isEmpty)
        #expect(room.leave(to: alice)?.reason == .stateMismatch && room.leave(to: alice)?.action == .reconnect)
    }

    // MARK: sync_state

    @Test("A publication that the room does not hold ends the session")
    func syncStateMismatch() throws {
        for name in ["TR_unknown", ""] {
            var room = RoomHarness()
            let alice = try room.join("alice")
            let track = room.publish("mic", from: alice)
            var state = Livekit_SyncState()
            for sid in [track.rawValue, name] {
                var published = Livekit_TrackPublishedResponse()
                if !sid.isEmpty { published.track.sid = sid }
                state.publishTracks.append(published)
            }
            room.send(.syncState(state), from: alice)
            #expect(room.leave(to: alice)?.reason == .stateMismatch && room.leave(to: alice)?.action == .reconnect)
            #expect(room.state.order.isEmpty)
        }
    }

    @Test("Wishes and disabled tracks are taken over; a track not started yet counts as held")
    func syncStateWishes() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let first = room.publish("mic", from: bob)
        let second = room.publish("cam", from: bob) { $0.type = .video }
        var request = Livekit_AddTrackRequest()
        request.cid = "later"
        room.send(.addTrack(request), from: alice)
        let pending = try #require(room.state.participants[alice]?.pendingTracks.first)
        room.forget()
        var state = Livekit_SyncState()
        state.subscription.trackSids = [first.rawValue]
        state.trackSidsDisabled = [second.rawValue]
        var published = Livekit_TrackPublishedResponse()
        published.track = pending.info
        state.publishTracks = [published]
        room.send(.syncState(state), from: alice)
        #expect(room.unsubscribed == [Subscription(alice, first)])
        let settings = room.media.compactMap { command -> TrackSettings? in
            if case .setTrackSettings(alice, second, let settings) = command { settings } else { nil }
        }
        #expect(settings == [TrackSettings(isEnabled: false)])
        #expect(room.state.order == [alice, bob])
    }

    @Test("Reliable packets are sent again after the last one that came, for two seconds")
    func replaysData() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(bob)
        room.report(.data(alice, .reliable, Self.packet(1)))
        room.pass(.seconds(3))
        for sequence in 2...4 as ClosedRange<UInt32> { room.report(.data(alice, .reliable, Self.packet(sequence))) }
        room.forget()
        var state = Livekit_SyncState()
        var received = Livekit_DataChannelReceiveState()
        received.publisherSid = alice.rawValue
        received.lastSeq = 2
        state.datachannelReceiveStates = [received]
        room.send(.syncState(state), from: bob)
        #expect(room.sentData.map(\.packet.sequence) == [3, 4])
        #expect(room.sentData.allSatisfy { $0.receivers == [bob] })
        room.forget()
        state.datachannelReceiveStates[0].lastSeq = 0
        room.send(.syncState(state), from: bob)
        #expect(room.sentData.map(\.packet.sequence) == [2, 3, 4])
        room.forget()
        state.datachannelReceiveStates[0].publisherSid = "PA_other"
        room.send(.syncState(state), from: bob)
        #expect(room.sentData.isEmpty)
    }

    @Test("Nobody gets back what it sent, or what was for others; an idle room keeps nothing to repeat")
    func replaysWhatWasForIt() throws {
        var room = RoomHarness()
        let sids = [try room.join("alice"), try room.join("bob"), try room.join("carol")]
        for sid in sids { room.activate(sid) }
        for (sequence, destination) in [(UInt32(1), ""), (2, "bob"), (3, "carol")] {
            var packet = Livekit_DataPacket()
            packet.user.payload = .init("x".utf8)
            packet.sequence = sequence
            if !destination.isEmpty { packet.destinationIdentities = [destination] }
            room.report(.data(sids[0], .reliable, try packet.serializedBytes()))
        }
        room.forget()
        var state = Livekit_SyncState()
        var received = Livekit_DataChannelReceiveState()
        received.publisherSid = sids[0].rawValue
        state.datachannelReceiveStates = [received]
        for (sid, expected) in zip(sids, [[], [1, 2], [1, 3]] as [[UInt32]]) {
            room.send(.syncState(state), from: sid)
            #expect(room.sentData.map(\.packet.sequence) == expected)
            room.forget()
        }
        var packet = Livekit_DataPacket()
        (packet.sequence, packet.destinationIdentities) = (4, ["bob", "carol"])
        packet.user.payload = .init("x".utf8)
        room.report(.data(sids[0], .reliable, try packet.serializedBytes()))
        let dave = try room.join("dave")
        room.forget()
        room.send(.syncState(state), from: dave)
        #expect(room.sentData.map(\.packet.sequence) == [1], "what was addressed to all that were here is for them")
        #expect(room.state.replayCache.count == 4)
        room.pass(.seconds(3))
        #expect(room.state.replayCache.count == 0)
    }

    @Test("The replayed bytes are bounded, and the oldest go first")
    func boundsTheReplay() {
        var cache = ReplayCache()
        let (sender, receiver) = (ParticipantSID(rawValue: "PA_s"), ParticipantSID(rawValue: "PA_r"))
        for sequence in 1...2000 as ClosedRange<UInt32> {
            cache.insert(
                SentPacket(
                    sender: sender, sequence: sequence, receivers: [receiver],
                    bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: 1000), at: .start))
        }
        let missed = cache.missed(by: receiver, after: [sender: 0], now: .start)
        #expect(missed.count == 100 && missed.first?.first == UInt8(truncatingIfNeeded: 1901))
        #expect(cache.missed(by: receiver, after: [sender: 1999], now: .start).count == 1)
        #expect(cache.missed(by: receiver, after: [sender: 0], now: .start + .milliseconds(2001)).isEmpty)
    }

    // MARK: simulate

    @Test("A simulated failure closes the socket of a resume, before or after its answer")
    func simulatedResumeFailures() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        var scenario = Livekit_SimulateScenario()
        scenario.disconnectSignalOnResume = true
        room.send(.simulate(scenario), from: alice)
        room.forget()
        try room.resume("alice", alice)
        #expect(room.signals(to: alice).map(Self.kind).first == "reconnect")
        #expect(room.effects.contains { if case .hangUp(alice) = $0 { true } else { false } })
        room.forget()
        try room.resume("alice", alice)
        #expect(!room.effects.contains { if case .hangUp(alice) = $0 { true } else { false } })

        scenario.disconnectSignalOnResumeNoMessages = true
        room.send(.simulate(scenario), from: alice)
        for _ in 0..<3 {
            room.forget()
            try room.resume("alice", alice)
            #expect(room.signals(to: alice).isEmpty && room.effects.count == 1)
        }
        try room.resume("alice", alice)
        #expect(room.signals(to: alice).map(Self.kind).first == "reconnect")
    }

    @Test(
        "Scenarios end the session as they say",
        arguments: [
            (Livekit_SimulateScenario.OneOf_Scenario.serverLeave(true), Livekit_DisconnectReason.serverShutdown, true),
            (.nodeFailure(true), .serverShutdown, false), (.migration(true), .migration, false),
            (.leaveRequestFullReconnect(true), .stateMismatch, true),
        ])
    func endingScenarios(
        _ scenario: Livekit_SimulateScenario.OneOf_Scenario, _ reason: Livekit_DisconnectReason, _ isTold: Bool
    ) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        var request = Livekit_SimulateScenario()
        request.scenario = scenario
        room.send(.simulate(request), from: bob)
        #expect((room.leave(to: bob) != nil) == isTold)
        #expect(room.updates(to: alice).last?.disconnectReason == reason)
        #expect(room.state.order == [alice])
    }

    @Test("A speaker is heard for a while")
    func lastingScenarios() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        var request = Livekit_SimulateScenario()
        request.speakerUpdate = 2
        room.send(.simulate(request), from: alice)
        request.subscriberBandwidth = 100_000
        room.send(.simulate(request), from: alice)
        room.pass(.seconds(3))
        let levels = room.signals(to: alice).compactMap { message -> Bool? in
            if case .speakersChanged(let change) = message { change.speakers.first?.active } else { nil }
        }
        #expect(levels == [true, false])
        #expect(room.state.order == [alice])
    }
}
