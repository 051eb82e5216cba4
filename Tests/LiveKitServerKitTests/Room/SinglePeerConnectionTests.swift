import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: one peer connection for both directions")
struct SinglePeerConnectionTests {
    private static func offer(_ sdp: String) -> Livekit_SessionDescription {
        var offer = Livekit_SessionDescription()
        offer.type = "offer"
        offer.sdp = sdp
        offer.id = 7
        return offer
    }

    @Test("The client alone offers, and its connection makes it ACTIVE")
    func isPublisherPrimary() throws {
        var room = RoomHarness()
        let alice = try room.join("alice") { $0.usesSinglePeerConnection = true }
        guard case .join(let join) = room.signals(to: alice).first else {
            Issue.record("no join")
            return
        }
        #expect(!join.subscriberPrimary && join.fastPublish)
        let options = room.media.compactMap { command -> ParticipantMediaOptions? in
            if case .addParticipant(alice, let options) = command { options } else { nil }
        }
        var expected = ParticipantMediaOptions(offersSubscriberAtOnce: false, usesSinglePeerConnection: true)
        expected.serverFrameTrailer = room.state.serverFrameTrailer
        #expect(options == [expected])
        room.report(.connectionState(alice, .publisher, .connected))
        #expect(room.state.participants[alice]?.state == .active)
    }

    @Test("Tracks and the offer come along with the join; the offer is answered when everything else is known")
    func joinsWithAnOffer() throws {
        var room = RoomHarness()
        let bob = try room.join("bob")
        let track = room.publish("mic", from: bob)
        room.forget()
        let alice = try room.join("alice") {
            $0.usesSinglePeerConnection = true
            var request = Livekit_AddTrackRequest()
            request.cid = "cam"
            request.type = .video
            $0.addTrackRequests = [request]
            $0.publisherOffer = Self.offer("v=0 early")
        }
        let kinds = room.signals(to: alice).map { message -> String in
            switch message {
            case .join: "join"
            case .trackPublished(let published): published.cid
            default: "other"
            }
        }
        #expect(kinds == ["join", "cam"])
        let commands = room.media.compactMap { command -> String? in
            switch command {
            case .addParticipant(alice, _): "add"
            case .expectTrack(alice, let expected): expected.cid
            case .subscribe(alice, track): "subscribe"
            case .remoteOffer(alice, "v=0 early", 7, _): "offer"
            default: nil
            }
        }
        #expect(commands == ["add", "cam", "subscribe", "offer"])
    }

    @Test("What the connection lacks is asked for")
    func asksForSections() throws {
        var room = RoomHarness()
        let alice = try room.join("alice") { $0.usesSinglePeerConnection = true }
        room.report(.sectionsRequired(alice, audio: 2, video: 1))
        guard case .mediaSectionsRequirement(let requirement) = room.signals(to: alice).last else {
            Issue.record("nothing was asked for")
            return
        }
        #expect(requirement.numAudios == 2 && requirement.numVideos == 1)
    }
}
