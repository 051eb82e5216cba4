import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: what was promised and does not come")
struct RoomFailuresTests {
    private static func rules(_ change: (inout RoomRules.Reconnection) -> Void) -> RoomRules {
        var rules = RoomRules()
        change(&rules.reconnection)
        return rules
    }

    private static func errors(_ room: RoomHarness, to sid: ParticipantSID) -> [Livekit_SubscriptionError] {
        room.signals(to: sid).compactMap {
            if case .subscriptionResponse(let response) = $0 { response.err } else { nil }
        }
    }

    private static func failures(_ room: RoomHarness) -> [RoomNotice] {
        room.effects.compactMap { effect in
            guard case .notice(let notice) = effect else { return nil }
            return switch notice {
            case .subscriptionFailed, .publicationFailed, .dataChannelFailed: notice
            default: nil
            }
        }
    }

    @Test(
        "A subscription that does not begin in fifteen seconds is told once, and ends the session if so configured",
        arguments: [false, true])
    func subscriptions(_ reconnects: Bool) throws {
        var room = RoomHarness(rules: Self.rules { $0.afterSubscriptions = reconnects })
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        for sid in [alice, bob] { room.activate(sid) }
        let track = room.publish("mic", from: alice)
        let begun = room.publish("cam", from: alice) { $0.type = .video }
        room.report(.subscribed(bob, begun))
        room.pass(.seconds(14))
        #expect(Self.failures(room).isEmpty)
        room.pass(.seconds(20))
        #expect(Self.failures(room) == [.subscriptionFailed(bob, track)])
        #expect(Self.errors(room, to: bob) == [.seUnknown])
        #expect(room.leave(to: bob)?.action == (reconnects ? .reconnect : nil))
        #expect((room.state.participants[bob] == nil) == reconnects)
    }

    @Test("A wish that is taken back is not answered", arguments: [false, true])
    func takenBack(_ isTakenBack: Bool) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        var request = Livekit_UpdateSubscription()
        request.trackSids = ["TR_nowhere"]
        request.subscribe = true
        room.send(.subscription(request), from: alice)
        room.pass(.seconds(30))
        request.subscribe = !isTakenBack
        room.send(.subscription(request), from: alice)
        room.pass(.seconds(40))
        #expect(Self.errors(room, to: alice) == (isTakenBack ? [] : [.seTrackNotfound]))
    }

    @Test(
        "What is said of tracks that are gone, or never were, is forgotten after a minute, and no wish is refused for it"
    )
    func forgetsWishes() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        let bob = try room.join("bob")
        room.activate(bob)
        let gone = room.publish("mic", from: bob)
        room.report(.trackEnded(gone))
        var settings = Livekit_UpdateTrackSettings()
        settings.trackSids = [gone.rawValue] + (0..<RoomBounds.subscriptionWishes).map { "TR_\($0)" }
        var refused = Livekit_UpdateSubscription()
        refused.trackSids = ["TR_refused"]
        var data = Livekit_UpdateDataSubscription()
        data.updates = [.init()]
        data.updates[0].trackSid = "DTR_none"
        room.send(.subscription(refused), from: alice)
        room.send(.trackSetting(settings), from: alice)
        room.send(.updateDataSubscription(data), from: alice)
        #expect(room.state.participants[alice]?.wishes.count == RoomBounds.subscriptionWishes)
        room.now = room.now + .seconds(60)
        room.pass(.seconds(1))
        #expect(room.state.participants[alice]?.wishes.isEmpty == true)
        #expect(room.state.participants[alice]?.dataWishes.isEmpty == true)
        #expect(Self.errors(room, to: alice).isEmpty, "it wanted nothing")
        let kept = room.publish("cam", from: bob) { $0.type = .video }
        settings.trackSids = [kept.rawValue]
        settings.disabled = true
        room.send(.trackSetting(settings), from: alice)
        room.now = room.now + .seconds(60)
        room.pass(.seconds(1))
        #expect(room.state.participants[alice]?.wishes[kept]?.stated?.isEnabled == false)
    }

    @Test("A publication counts from when its connection stands and it is not muted; it has thirty seconds")
    func publications() throws {
        var room = RoomHarness(rules: Self.rules { $0.afterPublications = true })
        let alice = try room.join("alice")
        room.activate(alice)
        var request = Livekit_AddTrackRequest()
        (request.cid, request.type, request.muted) = ("mic", .audio, true)
        room.send(.addTrack(request), from: alice)
        let track = try #require(room.state.participants[alice]?.pendingTracks.first?.sid)
        room.pass(.seconds(40))
        room.report(.connectionState(alice, .publisher, .connected))
        room.pass(.seconds(40))
        #expect(Self.failures(room).isEmpty)
        var mute = Livekit_MuteTrackRequest()
        (mute.sid, mute.muted) = (track.rawValue, false)
        room.send(.mute(mute), from: alice)
        room.pass(.seconds(29))
        #expect(Self.failures(room).isEmpty)
        room.pass(.seconds(5))
        #expect(Self.failures(room) == [.publicationFailed(alice, track)])
        #expect(room.leave(to: alice)?.action == .reconnect && room.leave(to: alice)?.reason == .stateMismatch)
    }

    @Test("A data channel that failed is noted, and ends the session if so configured", arguments: [false, true])
    func dataChannels(_ reconnects: Bool) throws {
        var room = RoomHarness(rules: Self.rules { $0.afterDataChannels = reconnects })
        let alice = try room.join("alice")
        room.activate(alice)
        room.report(.dataChannelFailed(alice, .lossy))
        #expect(Self.failures(room) == [.dataChannelFailed(alice, .lossy)])
        #expect((room.leave(to: alice)?.action == .reconnect) == reconnects)
    }

    @Test("A place that an allow-list frees goes to a track that waits")
    func freedByAllowList() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.audioSubscriptions = 1
        var room = RoomHarness(limits: limits)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let carol = try room.join("carol")
        let first = room.publish("a", from: alice)
        let second = room.publish("b", from: bob)
        #expect(room.state.participants[carol]?.subscriptions == [first])
        room.send(.subscriptionPermission(Livekit_SubscriptionPermission()), from: alice)
        #expect(room.state.participants[carol]?.subscriptions == [second])
        #expect(room.state.participants[carol]?.waiting == [])
    }

    @Test("Whatever waits is looked at again every three seconds")
    func reconciles() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.audioSubscriptions = 1
        var room = RoomHarness(limits: limits)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let first = room.publish("a", from: alice)
        let second = room.publish("b", from: alice)
        #expect(room.state.participants[bob]?.waiting == [second])
        // As if a place had been freed without anybody looking.
        room.change { state, _ in state.participants[bob]?.forgetSubscription(first) }
        room.change { state, _ in state.participants[bob]?.wishes[first] = SubscriptionWish(isWanted: false) }
        room.pass(.seconds(4))
        #expect(room.state.participants[bob]?.subscriptions == [second])
    }

    @Test("Simulated speakers do not give a hidden participant away")
    func hiddenSpeaker() throws {
        var room = RoomHarness()
        let ghost = try room.join("ghost") { $0.permission.hidden = true }
        let alice = try room.join("alice")
        var request = Livekit_SimulateScenario()
        request.speakerUpdate = 3
        room.send(.simulate(request), from: ghost)
        func isTold(_ sid: ParticipantSID) -> Bool {
            room.signals(to: sid).contains { if case .speakersChanged = $0 { true } else { false } }
        }
        #expect(isTold(ghost) && !isTold(alice))
    }

    @Test("Recorders, by kind or by grant, are exempt from allow-lists; agents are not")
    func exemptions() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let track = room.publish("a", from: alice)
        room.send(.subscriptionPermission(Livekit_SubscriptionPermission()), from: alice)
        let egress = try room.join("egress") { $0.kind = .egress }
        let recorder = try room.join("recorder") { $0.permission.recorder = true }
        let agent = try room.join("agent") { $0.permission.agent = true }
        #expect(Set(room.subscribed) == [Subscription(egress, track), Subscription(recorder, track)])
        #expect(room.state.participants[agent]?.subscriptions == [])
    }
}
