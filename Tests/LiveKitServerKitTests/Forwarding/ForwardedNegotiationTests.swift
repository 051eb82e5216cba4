import LiveKitCore
import LiveKitRTC
import LiveKitRTCTransport
import NIOCore
import Synchronization
import Testing

@testable import LiveKitServerKit

/// A room of a real media plane, and what it reported.
private final class Stage: Sendable {
    let plane: ForwardingMediaPlane
    let room: any RoomMedia
    private let reported: Reported

    private final class Reported: Sendable {
        let events = Mutex<[MediaEvent]>([])
    }

    init() async throws {
        var configuration = MediaPlaneConfiguration()
        configuration.addresses.includesLoopback = true
        plane = try await ForwardingMediaPlane(configuration)
        let reported = Reported()
        self.reported = reported
        room = plane.openRoom(RoomSID(rawValue: "RM_stage")) { batch in reported.events.withLock { $0 += batch } }
    }

    func end() async {
        room.close()
        await plane.shutdown()
    }

    /// The first event that `probe` makes something of, once there is one.
    func first<Value>(_ probe: (MediaEvent) -> Value?) async throws -> Value {
        try await eventually { reported.events.withLock { $0 }.lazy.compactMap(probe).first }
    }

    func answer(_ id: UInt32) async throws -> String {
        try await first { if case .answer(_, let sdp, id, _) = $0 { sdp } else { nil } }
    }
}

@Suite("Negotiating with the forwarding half", .timeLimit(.minutes(1)))
struct ForwardedNegotiationTests {
    private static let alice = ParticipantSID(rawValue: "PA_alice")

    private static func client() throws -> PeerConnection {
        let configuration = PeerConnectionConfiguration(
            isOfferer: true, certificate: try DTLSCertificate(), capabilities: .liveKitClient, hostAddresses: [],
            entropy: SecureRandom.bytes, wallClockOffset: 0)
        return PeerConnection(configuration, output: DatagramBatch(capacity: 64), socket: 0, now: .start)
    }

    private static func add(_ kind: SectionKind, to client: PeerConnection) throws -> TransceiverID {
        let sender = SenderParameters(
            streamID: "stream", trackID: "made up", cname: "me", encodings: [.init(ssrc: client.unusedSSRC())])
        return try client.addTransceiver(kind, direction: .sendonly, sender: sender)
    }

    @Test("A section becomes the track that its client names for the mid, whatever the msid says")
    func bindsByMID() async throws {
        let stage = try await Stage()
        let client = try Self.client()
        let first = try Self.add(.audio, to: client)
        let second = try Self.add(.audio, to: client)
        let offer = try client.createOffer(now: .start)
        let mids = [try #require(client.mid(of: first)), try #require(client.mid(of: second))]
        let tracks = ["one", "two"].map { name in
            ExpectedTrack(sid: TrackSID(rawValue: "TR_\(name)"), cid: name, kind: .audio, publisher: Self.alice)
        }
        stage.room.send([
            .addParticipant(Self.alice, ParticipantMediaOptions(offersSubscriberAtOnce: false)),
            .expectTrack(Self.alice, tracks[0]), .expectTrack(Self.alice, tracks[1]),
            .remoteOffer(Self.alice, sdp: offer, id: 1, midToTrackCID: [mids[0]: "two", mids[1]: "one"]),
        ])
        try client.applyRemoteAnswer(try await stage.answer(1), now: .start)
        // Which track a section was shows when it ends.
        try client.stopSending(first)
        let again = try client.createOffer(now: .start)
        stage.room.send([.remoteOffer(Self.alice, sdp: again, id: 2, midToTrackCID: [:])])
        let ended = try await stage.first { if case .trackEnded(let track) = $0 { track } else { nil } }
        #expect(ended == tracks[1].sid)
        await stage.end()
    }

    @Test("Only codecs that may be published are agreed on; a section that has none left is refused")
    func boundsCodecs() async throws {
        let stage = try await Stage()
        let client = try Self.client()
        _ = try Self.add(.audio, to: client)
        _ = try Self.add(.video, to: client)
        let offer = try client.createOffer(now: .start)
        for (index, codecs) in [["opus"], ["opus", "vp8"]].enumerated() {
            let sid = ParticipantSID(rawValue: "PA_\(index)")
            var options = ParticipantMediaOptions(offersSubscriberAtOnce: false)
            options.publishCodecs = Set(codecs)
            let id = UInt32(index + 1)
            stage.room.send([
                .addParticipant(sid, options), .remoteOffer(sid, sdp: offer, id: id, midToTrackCID: [:]),
            ])
            let answer = try SessionDescription(parsing: try await stage.answer(id))
            let video = try #require(answer.media.first { $0.media == "video" })
            #expect((video.port != 0) == codecs.contains("vp8"))
            let names = answer.media.filter { $0.port != 0 }.flatMap { $0.attributes.values(of: "rtpmap") }
                .map { $0.split(separator: " ").last?.split(separator: "/").first?.lowercased() ?? "" }
            #expect(Set(names).subtracting(["rtx"]) == Set(codecs))
        }
        await stage.end()
    }

    @Test(
        "Candidates that come before the first offer are kept, and checked once it is there", arguments: [false, true])
    func earlyCandidates(isSingle: Bool) async throws {
        let stage = try await Stage()
        let client = try Self.client()
        _ = try Self.add(.audio, to: client)
        let (listener, inbox) = try await DatagramInbox.open(host: "127.0.0.1")
        let port = try #require(listener.localAddress?.port)
        let options = ParticipantMediaOptions(offersSubscriberAtOnce: false, usesSinglePeerConnection: isSingle)
        let candidate = "candidate:1 1 udp 2130706431 127.0.0.1 \(port) typ host"
        stage.room.send([.addParticipant(Self.alice, options)])
        stage.room.send([.remoteCandidate(Self.alice, .publisher, candidate: candidate)])
        let offer = try client.createOffer(now: .start)
        #expect(!offer.contains("a=candidate"))
        stage.room.send([.remoteOffer(Self.alice, sdp: offer, id: 1, midToTrackCID: [:])])
        _ = try await stage.answer(1)
        let check = try await eventually { inbox.take().first }
        let ufrag = offer.split(separator: "\r\n").first { $0.hasPrefix("a=ice-ufrag:") }
        #expect(STUNMessage.receiverUfrag(of: check.bytes.rawSpan) == ufrag.map { String($0.dropFirst(12)) })
        try await listener.close()
        await stage.end()
    }

    @Test("An answer to another offer is reported, and not taken")
    func outdatedAnswer() async throws {
        let stage = try await Stage()
        stage.room.send([.addParticipant(Self.alice, ParticipantMediaOptions(offersSubscriberAtOnce: true))])
        let id = try await stage.first { if case .offer(_, _, let id, _) = $0 { id } else { nil } }
        stage.room.send([.remoteAnswer(Self.alice, sdp: "v=0", id: id &+ 5)])
        let outdated = try await stage.first { event -> [UInt32]? in
            if case .answerOutdated(_, let id, let expected) = event { [id, expected] } else { nil }
        }
        #expect(outdated == [id &+ 5, id])
        await stage.end()
    }
}
