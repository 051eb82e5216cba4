import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: what is recorded by itself")
struct RoomEgressTests {
    private func recorded(_ configure: (inout Livekit_RoomEgress) -> Void) -> RoomHarness {
        var wanted = Livekit_RoomEgress()
        configure(&wanted)
        var room = RoomHarness()
        room.change { state, _ in state.egress = RoomEgress(wanted) }
        return room
    }

    @Test("A participant is recorded from its first track on, once for each stay")
    func participants() throws {
        var room = recorded {
            $0.participant.preset = .h2641080P30
            $0.participant.fileOutputs = [.with { $0.filepath = "{publisher_identity}.mp4" }]
        }
        let alice = try room.join("alice")
        #expect(room.starts.isEmpty)
        _ = room.publish("microphone", from: alice)
        _ = room.publish("camera", from: alice)
        let start = try #require(room.starts.first)
        #expect(room.starts.count == 1 && start.roomID == room.state.sid.rawValue)
        #expect(start.participant.roomName == "room" && start.participant.identity == "alice")
        #expect(start.participant.preset == .h2641080P30)
        #expect(start.participant.fileOutputs.map(\.filepath) == ["{publisher_identity}.mp4"])
        room.change { state, now in state.remove(alice, reason: .clientInitiated, leave: nil, now: now) }
        let again = try room.join("alice")
        _ = room.publish("microphone", from: again)
        #expect(room.starts.count == 2)
    }

    @Test("Each track is recorded, with its SID in the file's name")
    func tracks() throws {
        var room = recorded {
            $0.tracks.filepath = "out/track.ogg"
            $0.tracks.disableManifest = true
            $0.tracks.s3.bucket = "records"
        }
        let alice = try room.join("alice")
        let tracks = [room.publish("microphone", from: alice), room.publish("camera", from: alice)]
        #expect(room.starts.map(\.track.trackID) == tracks.map(\.rawValue))
        let file = try #require(room.starts.first?.track.file)
        #expect(file.filepath == "out/track-{track_id}.ogg" && file.disableManifest && file.s3.bucket == "records")
        #expect(room.starts.allSatisfy { $0.track.roomName == "room" && $0.roomID == room.state.sid.rawValue })
    }

    @Test("What records is not recorded")
    func recorders() throws {
        var room = recorded {
            $0.tracks.filepath = "a"
            $0.participant.preset = .h264720P30
        }
        let byKind = try room.join("EG_1") { $0.kind = .egress }
        let byGrant = try room.join("recorder") { $0.permission.recorder = true }
        for sid in [byKind, byGrant] { _ = room.publish("microphone", from: sid) }
        #expect(room.starts.isEmpty)
    }

    @Test("Who comes from another room with its tracks is recorded in this one")
    func moved() throws {
        var other = RoomHarness(seed: 2)
        let sid = try other.join("alice")
        let track = other.publish("microphone", from: sid)
        let participant = try #require(other.state.participants[sid])
        var room = recorded { $0.tracks.filepath = "a" }
        try room.change { state, now in try state.adopt(participant, now: now) }
        #expect(room.starts.map(\.track.trackID) == [track.rawValue])
    }

    @Test("A room is recorded as a whole under its own name")
    func composite() {
        var room = RoomHarness()
        var wanted = Livekit_RoomCompositeEgressRequest()
        wanted.roomName = "another"
        wanted.layout = "grid"
        room.change { state, _ in state.recordRoom(wanted) }
        #expect(room.starts.map(\.roomComposite.roomName) == ["room"])
        #expect(room.starts.first?.roomComposite.layout == "grid" && room.starts.first?.roomID.isEmpty == false)
    }

    @Test(
        "Files of tracks do not overwrite each other",
        arguments: [
            ("", ""), ("dir/", "dir/"), ("{track_id}.ogg", "{track_id}.ogg"), ("a", "a-{track_id}"),
            ("a.tar.gz", "a-{track_id}.tar.gz"), ("v1.2/a", "v1.2/a-{track_id}"), ("./a.ogg", "./a-{track_id}.ogg"),
        ])
    func paths(given: String, expected: String) {
        #expect(Livekit_AutoTrackEgress.path(given) == expected)
    }
}

extension RoomHarness {
    fileprivate var starts: [Rpc_StartEgressRequest] {
        effects.compactMap { if case .startEgress(let request) = $0 { request } else { nil } }
    }
}
