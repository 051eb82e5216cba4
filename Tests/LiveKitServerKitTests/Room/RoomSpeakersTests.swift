import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: nobody is held to speak who is silent, or not heard any more")
struct RoomSpeakersTests {
    private static func levels(_ room: RoomHarness, to sid: ParticipantSID) -> [Float] {
        room.signals(to: sid).flatMap { message -> [Float] in
            guard case .speakersChanged(let update) = message else { return [] }
            return update.speakers.map { $0.active ? $0.level : 0 }
        }
    }

    private static func say(_ level: Float, _ track: TrackSID, _ sid: ParticipantSID, _ room: inout RoomHarness) {
        room.report(.audioLevels([AudioLevelReport(participant: sid, track: track, level: level)]))
    }

    private static func subscribe(_ isWanted: Bool, _ track: TrackSID) -> Livekit_SignalRequest.OneOf_Message {
        var request = Livekit_UpdateSubscription()
        request.trackSids = [track.rawValue]
        request.subscribe = isWanted
        return .subscription(request)
    }

    @Test("A track that ends while it is loud is silent, to everybody who was told of it and to its publisher")
    func endedTrack() throws {
        for isRevoked in [false, true] {
            var room = RoomHarness()
            let alice = try room.join("alice")
            let bob = try room.join("bob")
            let track = room.publish("mic", from: alice)
            Self.say(0.6, track, alice, &room)
            if isRevoked {
                var permission = try #require(room.state.participants[alice]?.permission)
                permission.canPublish = false
                room.change { $0.updatePermission(of: alice, permission, now: $1) }
            } else {
                room.report(.trackEnded(track))
            }
            #expect(Self.levels(room, to: alice) == [0.6, 0])
            #expect(Self.levels(room, to: bob) == [0.6, 0])
        }
    }

    @Test("Who leaves while it speaks is silent before it is gone")
    func leaver() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        Self.say(0.6, room.publish("mic", from: alice), alice, &room)
        room.forget()
        room.send(.leave(Livekit_LeaveRequest()), from: alice)
        #expect(Self.levels(room, to: bob) == [0])
        guard case .speakersChanged = room.signals(to: bob).first else {
            Issue.record("the departure came first")
            return
        }
    }

    @Test("With two microphones it is the louder one that counts, whichever is told of last or ends")
    func twoMicrophones() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let tracks = [room.publish("a", from: alice), room.publish("b", from: alice)]
        Self.say(0.5, tracks[0], alice, &room)
        Self.say(0.7, tracks[1], alice, &room)
        Self.say(0.3, tracks[0], alice, &room)
        room.report(.trackEnded(tracks[1]))
        Self.say(0, tracks[0], alice, &room)
        #expect(Self.levels(room, to: bob) == [0.5, 0.7, 0.3, 0])
    }

    @Test("Who is sent the last track of a speaker no more is told silence; with the first one, how loud it is")
    func subscriptions() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.subscribesAutomatically = false }
        let microphone = room.publish("mic", from: alice)
        let camera = room.publish("cam", from: alice) { $0.type = .video }
        Self.say(0.6, microphone, alice, &room)
        #expect(Self.levels(room, to: bob) == [])
        room.send(Self.subscribe(true, camera), from: bob)
        #expect(Self.levels(room, to: bob) == [0.6], "any track will do")
        room.send(Self.subscribe(true, microphone), from: bob)
        room.send(Self.subscribe(false, camera), from: bob)
        #expect(Self.levels(room, to: bob) == [0.6])
        room.send(Self.subscribe(false, microphone), from: bob)
        #expect(Self.levels(room, to: bob) == [0.6, 0])
        #expect(Self.levels(room, to: alice) == [0.6])
    }
}
