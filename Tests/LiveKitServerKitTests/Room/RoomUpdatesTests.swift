import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: what participants hear of each other")
struct RoomUpdatesTests {
    private static func batches(_ room: RoomHarness, to sid: ParticipantSID) -> [[String]] {
        room.signals(to: sid).compactMap { message in
            if case .update(let update) = message { update.participants.map(\.identity) } else { nil }
        }
    }

    @Test("What only the audience concerns comes in one update for each three seconds")
    func batchesAudience() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let others = try ["b", "c", "d"].map { try room.join($0) }
        room.forget()
        for sid in others { room.activate(sid) }
        #expect(Self.batches(room, to: alice).isEmpty)
        room.pass(.seconds(4))
        #expect(Self.batches(room, to: alice) == [["b", "c", "d"]])
        #expect(Self.batches(room, to: others[0]) == [["b"], ["c", "d"]])
    }

    @Test("A publisher's changes are told at once, and so is a departure, which nothing follows")
    func publishersAtOnce() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let carol = try room.join("carol")
        _ = room.publish("mic", from: bob)
        room.forget()
        room.activate(bob)
        #expect(Self.batches(room, to: alice) == [["bob"]])
        room.activate(carol)
        room.send(.leave(Livekit_LeaveRequest()), from: carol)
        room.pass(.seconds(4))
        #expect(room.updates(to: alice).map(\.state) == [.active, .disconnected])
    }

    @Test("Many participants come in updates of a bounded size")
    func splitsUpdates() throws {
        var room = RoomHarness()
        let metadata = String(repeating: "m", count: 60_000)
        for index in 0..<5 { try room.join("p\(index)") { $0.metadata = metadata } }
        let alice = try room.join("alice")
        room.activate(alice)
        room.forget()
        try room.resume("alice", alice)
        #expect(Self.batches(room, to: alice) == [["p0", "p1"], ["p2", "p3"], ["p4", "alice"]])
    }

    @Test("A replaced session is told to clients before protocol 12 only")
    func replacedSession() throws {
        var room = RoomHarness()
        let new = try room.join("new")
        let old = try room.join("old") { $0.client.protocol = 11 }
        let first = try room.join("bob")
        room.forget()
        let second = try room.join("bob")
        #expect(room.updates(to: new).map(\.sid) == [second.rawValue])
        #expect(room.updates(to: old).map(\.sid) == [first.rawValue, second.rawValue])
        #expect(room.leave(to: first)?.reason == .duplicateIdentity)
    }

    @Test("A recorder makes the room one that is recorded, as long as it is here")
    func recording() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let recorder = try room.join("recorder") {
            $0.permission.recorder = true
            $0.permission.hidden = true
        }
        room.send(.leave(Livekit_LeaveRequest()), from: recorder)
        let told = room.signals(to: alice).compactMap { message -> Bool? in
            if case .roomUpdate(let update) = message { update.room.activeRecording } else { nil }
        }
        #expect(told == [true, false])
    }

    @Test("Old clients get only what they know")
    func protocolGates() throws {
        var room = RoomHarness()
        let ancient = try room.join("ancient") { $0.client.protocol = 2 }
        let rust = try room.join("rust") {
            $0.client.sdk = .rust
            $0.client.protocol = 9
        }
        for sid in [ancient, rust] {
            room.report(.connectionState(sid, .publisher, .connected))
            room.report(.connectionState(sid, .subscriber, .connected))
        }
        let track = room.publish("mic", from: rust)
        room.forget()
        room.report(.audioLevels([AudioLevelReport(participant: rust, track: track, level: 0.5)]))
        room.pass(.seconds(6))
        #expect(!room.signals(to: ancient).contains { if case .speakersChanged = $0 { true } else { false } })
        #expect(!room.signals(to: ancient).contains { if case .connectionQuality = $0 { true } else { false } })
        #expect(room.signals(to: rust).contains { if case .speakersChanged = $0 { true } else { false } })
        room.send(.addTrack(Livekit_AddTrackRequest()), from: rust)
        #expect(room.requestResponse(to: rust) == nil)
        let listener = try room.join("listener")
        room.report(.subscribed(listener, track))
        #expect(!room.signals(to: rust).contains { if case .trackSubscribed = $0 { true } else { false } })
    }

    @Test("Before protocol 8 tracks are sent once their subscriber is ACTIVE")
    func startsSlowly() throws {
        var room = RoomHarness()
        let bob = try room.join("bob")
        let track = room.publish("mic", from: bob)
        let slow = try room.join("slow") { $0.client.protocol = 7 }
        let quick = try room.join("quick") { $0.client.protocol = 8 }
        #expect(room.subscribed == [Subscription(quick, track)])
        room.activate(slow)
        #expect(room.subscribed == [Subscription(quick, track), Subscription(slow, track)])
    }

    @Test("Who tells how large pictures are shown begins with small ones")
    func adaptiveStream() throws {
        var room = RoomHarness()
        let bob = try room.join("bob")
        let alice = try room.join("alice") { $0.adaptsStreams = true }
        let video = room.publish("cam", from: bob) { $0.type = .video }
        _ = room.publish("mic", from: bob)
        let settings = room.media.compactMap { command -> TrackSettings? in
            if case .setTrackSettings(alice, video, let settings) = command { settings } else { nil }
        }
        #expect(settings == [TrackSettings(maximumLayer: 0)])
    }

    @Test(
        "Clients have the abilities that their SDK and version have",
        arguments: [("1.6.3", true), ("1.6.2", false), ("1.10", true), ("2", true), ("", false), ("1.6.4-rc", true)])
    func abilities(_ version: String, _ isHandled: Bool) {
        var client = Livekit_ClientInfo()
        client.sdk = .js
        client.version = version
        client.protocol = 16
        #expect(client.handlesReconnectResponse == isHandled)
        client.browser = "Safari"
        #expect(!client.reusesTransceivers && client.takesICELite)
        client.browser = "Firefox Mobile"
        #expect(client.reusesTransceivers && !client.takesICELite)
    }
}
