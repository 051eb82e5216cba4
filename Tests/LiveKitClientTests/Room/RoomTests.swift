import LiveKitProtobuf
import LiveKitRTC
import Synchronization
import Testing

@testable import LiveKitClient

@Suite("What a room makes of the server's updates")
struct RoomTests {
    private func info(_ identity: String, sid: String, version: UInt32 = 1) -> Livekit_ParticipantInfo {
        var info = Livekit_ParticipantInfo()
        info.identity = identity
        info.sid = sid
        info.version = version
        info.state = .active
        return info
    }

    @Test("Participants come and go with their tracks, in order")
    func comeAndGo() async {
        let room = Room()
        let events = room.events
        var alice = info("alice", sid: "PA_1")
        var track = Livekit_TrackInfo()
        track.sid = "TR_1"
        track.type = .video
        alice.tracks = [track]
        room.update(alice)
        #expect(room.remoteParticipants[.init(from: "alice")]?.trackPublications.count == 1)

        alice.version = 2
        alice.tracks[0].muted = true
        room.update(alice)
        alice.state = .disconnected
        alice.version = 3
        room.update(alice)
        #expect(room.remoteParticipants.isEmpty)

        var names: [String] = []
        for await event in events {
            switch event {
            case .participantConnected: names.append("came")
            case .trackPublished: names.append("published")
            case .trackMuteChanged(_, _, let isMuted): names.append(isMuted ? "muted" : "unmuted")
            case .trackUnpublished: names.append("unpublished")
            case .participantDisconnected: names.append("left")
            default: names.append("?")
            }
            if names.count == 5 { break }
        }
        #expect(names == ["came", "published", "muted", "unpublished", "left"])
    }

    @Test("An older update changes nothing")
    func olderUpdates() {
        let room = Room()
        var alice = info("alice", sid: "PA_1", version: 5)
        alice.name = "Alice"
        room.update(alice)
        alice.name = "Old"
        alice.version = 4
        room.update(alice)
        #expect(room.remoteParticipants[.init(from: "alice")]?.name == "Alice")
    }

    @Test("Word of an older session's end does not end the newer one")
    func olderSessions() {
        let room = Room()
        room.update(info("alice", sid: "PA_1"))
        room.update(info("alice", sid: "PA_2"))
        var old = info("alice", sid: "PA_1", version: 9)
        old.state = .disconnected
        room.update(old)
        #expect(room.remoteParticipants[.init(from: "alice")]?.sid?.stringValue == "PA_2")
    }

    @Test("Calls that need a session fail while there is none")
    func withoutSession() async {
        let room = Room()
        await #expect(throws: LiveKitError.self) { try await room.localParticipant.publish(data: [1]) }
        await #expect(throws: LiveKitError.self) { try await room.localParticipant.set(name: "x") }
    }

    @Test("Nobody at the other end is an error of the network, and the room can be tried again")
    func nobodyThere() async {
        let room = Room()
        for _ in 0..<2 {
            await #expect(throws: LiveKitError.self) { try await room.connect(url: "ws://127.0.0.1:1", token: "t") }
            #expect(room.connectionState == .disconnected)
        }
    }

    @Test("Track settings ask for the largest picture unless told otherwise")
    func settings() {
        var track = Livekit_TrackInfo()
        track.sid = "TR_1"
        let publication = RemoteTrackPublication(track, participantSID: "PA_1", link: SessionLink())
        #expect(publication.settings.quality == .high)
        #expect(!publication.settings.disabled)
        #expect(publication.settings.trackSids == ["TR_1"])
    }

    @Test("The names of a section tell publisher and track")
    func sections() {
        let packed = ReceivedSection(mid: "0", kind: .video, streamID: "PA_1|TR_2", trackID: "x")
        #expect(packed.participantSID == "PA_1" && packed.trackSID == "TR_2")
        let plain = ReceivedSection(mid: "0", kind: .video, streamID: "PA_1|camera", trackID: "TR_3")
        #expect(plain.participantSID == "PA_1" && plain.trackSID == "TR_3")
    }
}
