import LiveKitCore
import LiveKitMedia
import LiveKitProtobuf
import LiveKitServerKit
import Testing

@testable import LiveKitClient
@testable import LiveKitRTC

@Suite("Publishers and subscribers that cannot, or will not, have everything", .serialized, .timeLimit(.minutes(2)))
struct SubscribingTests {
    @Test("A client that decodes no VP8 is told so, is offered no VP8 again, and gets sound all the same")
    func undecodable() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let published = try await alice.localParticipant.publish(
                videoTrack: video, options: VideoPublishOptions(simulcast: false))
            let painting = Task { await paint(video, width: 320, height: 180) }
            defer { painting.cancel() }
            let watcher = try await HandmadeClient.join(session, "watcher", lacking: ["VP8"])
            #expect(await eventually { await watcher.refusals.count == 1 })
            #expect(await watcher.refusals.first?.err == .seCodecUnsupported)
            #expect(await watcher.refusals.first?.trackSid == published.sid.stringValue)

            let audio = try LocalAudioTrack.createTrack()
            try await alice.localParticipant.publish(audioTrack: audio)
            let whistling = Task { await whistle(audio, frequency: 440) }
            defer { whistling.cancel() }
            #expect(
                await eventually {
                    await watcher.offers.last?.media.contains { $0.media == "audio" && $0.port != 0 } ?? false
                })
            let last = try #require(await watcher.offers.last)
            #expect(last.media.filter { $0.media == "video" }.allSatisfy { $0.port == 0 })
            // The next picture takes the refused section's place (RFC 8829 §5.2.2), and is refused like the first.
            let screen = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            try await alice.localParticipant.publish(
                videoTrack: screen, options: VideoPublishOptions(simulcast: false))
            let more = Task { await paint(screen, width: 320, height: 180) }
            defer { more.cancel() }
            #expect(await eventually { await watcher.refusals.count == 2 })
            let sections = await watcher.offers.map { $0.media.filter { $0.media == "video" }.count }
            #expect(sections.max() == 1)
            await watcher.leave()
            await alice.disconnect()
        }
    }

    @Test(
        "Tracks of one stream go by its name where `sync_streams` is on, and each by its own where not",
        arguments: [true, false])
    func sharedStreams(isOn: Bool) async throws {
        try await withServer {
            $0.room.syncsStreams = isOn
        } _: { session in
            let alice = try await session.join("alice")
            let watcher = try await HandmadeClient.join(session, "watcher")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let audio = try LocalAudioTrack.createTrack()
            let published = [
                try await alice.localParticipant.publish(
                    videoTrack: video, options: VideoPublishOptions(simulcast: false, streamName: "both")),
                try await alice.localParticipant.publish(
                    audioTrack: audio, options: AudioPublishOptions(streamName: "both")),
            ]
            let painting = Task { await paint(video, width: 320, height: 180) }
            let whistling = Task { await whistle(audio, frequency: 440) }
            defer {
                painting.cancel()
                whistling.cancel()
            }
            #expect(await eventually { await watcher.offers.last?.values("msid").count == 2 })
            let names = try #require(await watcher.offers.last).values("msid")
            let sid = try #require(alice.localParticipant.sid).stringValue
            let expected = published.map { publication in
                let track = publication.sid.stringValue
                return "\(sid)|\(isOn ? "both" : track) \(track)"
            }
            #expect(Set(names) == Set(expected))
            await watcher.leave()
            await alice.disconnect()
        }
    }

    @Test("A client that switches to TCP is offered nothing else, now and when it joins again")
    func switchesToTCP() async throws {
        try await withServer { session in
            let watcher = try await HandmadeClient.join(session, "watcher")
            #expect(await eventually { await watcher.offers.count == 1 })
            let first = try #require(await watcher.offers.first)
            let kinds = first.values("candidate").map { $0.lowercased().contains(" tcp ") }
            try #require(kinds.contains(true) && kinds.contains(false), "the server has no ICE over TCP")
            var request = Livekit_SimulateScenario()
            request.switchCandidateProtocol = .tcp
            try await watcher.send(.simulate(request))
            #expect(await eventually { await watcher.offers.count == 2 })
            let second = try #require(await watcher.offers.last)
            #expect(second.values("ice-ufrag") != first.values("ice-ufrag"))
            #expect(!second.values("candidate").isEmpty)
            #expect(second.values("candidate").allSatisfy { $0.lowercased().contains(" tcp ") })

            let again = try await HandmadeClient.join(session, "watcher")
            #expect(await eventually { await again.candidates.count > 0 })
            #expect(await again.join?.fastPublish == false)
            let offered = await again.offers.flatMap { $0.values("candidate") } + again.candidates
            #expect(offered.allSatisfy { $0.lowercased().contains(" tcp ") })
            await watcher.leave()
            await again.leave()
        }
    }

    @Test("A server that forces TCP offers nothing else")
    func forcesTCP() async throws {
        try await withServer {
            $0.rtc.forcesTCP = true
        } _: { session in
            let watcher = try await HandmadeClient.join(session, "watcher")
            #expect(await eventually { await watcher.candidates.count > 0 })
            let offered = await watcher.offers.flatMap { $0.values("candidate") } + watcher.candidates
            #expect(offered.allSatisfy { $0.lowercased().contains(" tcp ") })
            await watcher.leave()
        }
    }

    @Test("Media goes on over TCP when a client switches to it")
    func mediaOverTCP() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            try await alice.localParticipant.publish(
                videoTrack: video, options: VideoPublishOptions(simulcast: false))
            let painting = Task { await paint(video, width: 320, height: 180) }
            defer { painting.cancel() }
            let remote = try #require(await Self.camera(of: "alice", for: bob))
            let pictures = PictureCollector()
            (remote.track as? RemoteVideoTrack)?.add(videoRenderer: pictures)
            #expect(await eventually { pictures.counters.count > 10 })
            var request = Livekit_SimulateScenario()
            request.switchCandidateProtocol = .tcp
            let signalling = try bob.link.session
            try await signalling.send(.simulate(request))
            let subscriber = try #require(await signalling.subscriber)
            #expect(
                await eventually {
                    (try? await subscriber.perform { $0.connection.selectedRoute?.path.transport == .tcp }) ?? false
                })
            let before = pictures.counters.count
            #expect(await eventually { pictures.counters.count > before + 30 })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("A publisher with dynacast encodes nothing that nobody watches, and everything again when somebody does")
    func dynacast() async throws {
        try await withServer {
            $0.video.dynacastPauseDelay = .milliseconds(300)
        } _: { session in
            let alice = Room(roomOptions: RoomOptions(dynacast: true))
            try await alice.connect(url: "ws://127.0.0.1:\(session.port)", token: try session.token("alice"))
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 960, height: 540))
            try await alice.localParticipant.publish(videoTrack: video)
            let painted = PaintedFrames()
            let painting = Task { await paint(video, width: 960, height: 540, counting: painted) }
            defer { painting.cancel() }
            let remote = try #require(await Self.camera(of: "alice", for: bob))
            let pictures = PictureCollector()
            (remote.track as? RemoteVideoTrack)?.add(videoRenderer: pictures)
            #expect(await eventually { pictures.widths.last == 960 })

            try await remote.set(videoQuality: .low)
            #expect(await eventually { await Self.sendingLayers(video, painted) == ["q"] })
            #expect(await eventually { (pictures.widths.last ?? 960) < 480 })
            try await remote.set(enabled: false)
            #expect(await eventually { await Self.sendingLayers(video, painted).isEmpty })
            try await remote.set(enabled: true)
            try await remote.set(videoQuality: .high)
            #expect(await eventually { pictures.widths.last == 960 })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    private static func camera(of identity: String, for room: Room) async -> RemoteTrackPublication? {
        func publication() -> RemoteTrackPublication? {
            room.remoteParticipants[Participant.Identity(from: identity)]?.trackPublications.values
                .first { $0.kind == .video && $0.track != nil } as? RemoteTrackPublication
        }
        _ = await eventually { publication() != nil }
        return publication()
    }

    /// The layers that send something while fifteen pictures are painted.
    private static func sendingLayers(_ track: LocalVideoTrack, _ painted: PaintedFrames) async -> Set<String> {
        func frames() async -> [String: UInt64] {
            Dictionary(
                await track.statistics().outboundStreams.map { ($0.rid ?? "", $0.framesSent) }, uniquingKeysWith: +)
        }
        let before = await frames()
        let end = painted.count + 15
        _ = await eventually { painted.count >= end }
        let after = await frames()
        return Set(after.filter { $0.value > before[$0.key] ?? 0 }.keys)
    }
}
