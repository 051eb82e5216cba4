import LiveKitCore
import LiveKitMedia
import LiveKitProtobuf
import LiveKitRTC
import LiveKitServerKit
import LiveKitTestSupport
import Testing

@testable import LiveKitClient

@Suite("Layers by bandwidth, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct AllocationTests {
    private func publication(_ room: Room, of identity: String) -> RemoteTrackPublication? {
        room.remoteParticipants[Participant.Identity(from: identity)]?.trackPublications.values
            .first { $0.kind == .video } as? RemoteTrackPublication
    }

    private func setBandwidth(_ bitsPerSecond: Int64, of room: Room) async throws {
        var scenario = Livekit_SimulateScenario()
        scenario.subscriberBandwidth = bitsPerSecond
        try await room.link.session.send(.simulate(scenario))
    }

    /// A call of one who publishes three layers and one who watches them.
    private func withCall(
        allowsPause: Bool, _ body: (_ viewer: Room, _ pictures: PictureCollector) async throws -> Void
    ) async throws {
        try await withServer {
            $0.rtc.congestionControl.allowsPause = allowsPause
        } _: { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 1280, height: 720))
            try await alice.localParticipant.publish(videoTrack: video)
            let painting = Task { await paint(video, width: 1280, height: 720) }
            defer { painting.cancel() }
            #expect(await eventually { publication(bob, of: "alice")?.track != nil })
            let pictures = PictureCollector()
            (publication(bob, of: "alice")?.track as? RemoteVideoTrack)?.add(videoRenderer: pictures)
            #expect(await eventually(within: 30) { pictures.widths.last == 1280 })
            try await body(bob, pictures)
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("A subscriber's bandwidth that is simulated takes the higher layers away, and zero brings them back")
    func subscriberBandwidth() async throws {
        try await withCall(allowsPause: false) { viewer, pictures in
            try await setBandwidth(50_000, of: viewer)
            #expect(await eventually(within: 15) { pictures.widths.last == 320 })
            let count = pictures.widths.count
            #expect(
                await eventually { pictures.widths.count > count + 10 }, "the lowest layer flows whatever is simulated")
            #expect(publication(viewer, of: "alice")?.streamState == .active)
            try await setBandwidth(0, of: viewer)
            #expect(await eventually(within: 20) { pictures.widths.last == 1280 })
        }
    }

    @Test("A track that begins, or is unmuted, where the path is known to be narrow never shows more than fits")
    func beginsNarrow() async throws {
        try await withServer { session in
            let (alice, bob) = (try await session.join("alice"), try await session.join("bob"))
            try await setBandwidth(50_000, of: bob)
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 1280, height: 720))
            let painting = Task { await paint(video, width: 1280, height: 720) }
            defer { painting.cancel() }
            let tap = try await Tap.place(at: bob)
            let published = try await alice.localParticipant.publish(videoTrack: video)
            /// How large the key frames are that were sent.
            func widths() -> Set<UInt16> {
                Set(
                    tap.packets(.video).compactMap { packet in
                        guard let descriptor = packet.descriptor, descriptor.isKeyFrame(payload: packet.payload.rawSpan)
                        else { return nil }
                        let frame = packet.payload.dropFirst(descriptor.encodedSize)
                        return try? VP8KeyFrameHeader(parsing: Array(frame).rawSpan).width
                    })
            }
            #expect(await eventually { tap.packets(.video).count > 30 })
            // The client itself knows nothing of it, and goes on sending.
            for _ in 0..<4 {
                for isMuted in [true, false] {
                    var request = Livekit_MuteTrackRequest()
                    (request.sid, request.muted) = (published.sid.stringValue, isMuted)
                    try await alice.link.session.send(.mute(request))
                    // The room's beat comes between, and finds nothing that flows.
                    if isMuted { try await Task.sleep(for: .seconds(1)) }
                }
                let count = tap.packets(.video).count
                #expect(await eventually { tap.packets(.video).count > count + 30 })
            }
            #expect(widths() == [320])
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("Where tracks may be paused it is announced, and so is that they go on")
    func pauses() async throws {
        try await withCall(allowsPause: true) { viewer, pictures in
            try await setBandwidth(10_000, of: viewer)
            #expect(await eventually { publication(viewer, of: "alice")?.streamState == .paused })
            // What was under way arrives; then for a second nothing does.
            #expect(
                await eventually {
                    let count = pictures.widths.count
                    try? await Task.sleep(for: .seconds(1))
                    return pictures.widths.count == count
                })
            #expect(publication(viewer, of: "alice")?.streamState == .paused)
            try await setBandwidth(0, of: viewer)
            #expect(await eventually { publication(viewer, of: "alice")?.streamState == .active })
            #expect(await eventually(within: 20) { pictures.widths.last == 1280 })
        }
    }

    @Test("Where the path to a subscriber narrows it sees smaller pictures, and large ones again when it widens")
    func narrowPath() async throws {
        let udp = try FreePort.find()
        let path = try await NarrowPath(to: udp)
        try await withServer {
            TURNRig.embed(in: &$0, udpPort: udp, streamPort: 0, certificate: nil)
            ($0.turn.relayRangeStart, $0.turn.relayRangeEnd) = (43_201, 43_400)
        } _: { session in
            let alice = try await session.join("alice")
            let bob = Room()
            try await bob.connect(
                url: "ws://127.0.0.1:\(session.port)", token: try session.token("bob"),
                connectOptions: path.connectOptions)
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 960, height: 540))
            try await alice.localParticipant.publish(videoTrack: video)
            let painting = Task { await paint(video, width: 960, height: 540) }
            defer { painting.cancel() }
            #expect(await eventually { publication(bob, of: "alice")?.track != nil })
            let pictures = PictureCollector()
            (publication(bob, of: "alice")?.track as? RemoteVideoTrack)?.add(videoRenderer: pictures)
            #expect(await eventually(within: 30) { pictures.widths.last == 960 })
            try await Task.sleep(for: .seconds(3))
            #expect(pictures.widths.last == 960, "a wide path stays")
            try await path.setRate(250_000)
            #expect(await eventually(within: 20) { (pictures.widths.last ?? 960) < 960 })
            try await path.setRate(0)
            #expect(await eventually(within: 40) { pictures.widths.last == 960 })
            await alice.disconnect()
            await bob.disconnect()
        }
        try await path.close()
    }
}
