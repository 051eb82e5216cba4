import LiveKitClient
import LiveKitMedia
import Testing

@Suite("Server and clients in one process, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct CallTests {
    private func publication(_ room: Room, of identity: String, kind: Track.Kind) -> RemoteTrackPublication? {
        room.remoteParticipants[Participant.Identity(from: identity)]?.trackPublications.values
            .first { $0.kind == kind } as? RemoteTrackPublication
    }

    @Test("Pictures and sound published by one arrive at the other")
    func mediaFlows() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let audio = try LocalAudioTrack.createTrack()
            try await alice.localParticipant.publish(
                videoTrack: video, options: VideoPublishOptions(simulcast: false))
            try await alice.localParticipant.publish(audioTrack: audio)
            let painting = Task { await paint(video, width: 320, height: 180) }
            let whistling = Task { await whistle(audio, frequency: 440) }
            defer {
                painting.cancel()
                whistling.cancel()
            }

            #expect(await eventually { publication(bob, of: "alice", kind: .video)?.track != nil })
            #expect(await eventually { publication(bob, of: "alice", kind: .audio)?.track != nil })
            let pictures = PictureCollector()
            let tone = ToneCollector()
            let remoteVideo = try #require(publication(bob, of: "alice", kind: .video)?.track as? RemoteVideoTrack)
            let remoteAudio = try #require(publication(bob, of: "alice", kind: .audio)?.track as? RemoteAudioTrack)
            remoteVideo.add(videoRenderer: pictures)
            remoteAudio.add(audioRenderer: tone)

            #expect(await eventually(within: 15) { pictures.counters.count >= 60 })
            let counters = pictures.counters
            #expect(counters == counters.sorted(), "frames arrive in order")
            let span = Double((counters.last ?? 0) - (counters.first ?? 0) + 1)
            #expect(Double(counters.count) >= span * 0.9, "nine of ten frames arrive")
            #expect(await eventually { tone.frequency.map { abs($0 - 440) < 9 } ?? false })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("A subscriber that asks for the low simulcast layer gets it, and the high one again")
    func simulcastLayers() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 960, height: 540))
            try await alice.localParticipant.publish(videoTrack: video)
            let painting = Task { await paint(video, width: 960, height: 540) }
            defer { painting.cancel() }
            #expect(await eventually { publication(bob, of: "alice", kind: .video)?.track != nil })
            let remote = try #require(publication(bob, of: "alice", kind: .video))
            let pictures = PictureCollector()
            (remote.track as? RemoteVideoTrack)?.add(videoRenderer: pictures)
            #expect(await eventually(within: 20) { pictures.widths.last == 960 })
            try await remote.set(videoQuality: .low)
            #expect(await eventually(within: 15) { (pictures.widths.last ?? 960) < 480 })
            try await remote.set(videoQuality: .high)
            #expect(await eventually(within: 20) { pictures.widths.last == 960 })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("Messages reach everybody, or only those named")
    func dataMessages() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let carol = try await session.join("carol")
            let bobsInbox = Inbox(bob)
            let carolsInbox = Inbox(carol)
            #expect(await eventually { alice.remoteParticipants.count == 2 })
            for number in UInt8(0)..<50 {
                try await alice.localParticipant.publish(
                    data: [number], options: DataPublishOptions(topic: "all", reliable: true))
            }
            let only = DataPublishOptions(
                destinationIdentities: [Participant.Identity(from: "carol")], topic: "carol", reliable: true)
            try await alice.localParticipant.publish(data: [99], options: only)
            #expect(await eventually { await carolsInbox.messages.count == 51 })
            #expect(await eventually { await bobsInbox.messages.count == 50 })
            #expect(await bobsInbox.messages == (0..<50).map { [$0] })
            #expect(await carolsInbox.messages.last == [99])
            for room in [alice, bob, carol] { await room.disconnect() }
        }
    }

    @Test("Leaving, muting and unpublishing are seen by the others")
    func changesAreSeen() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let audio = try LocalAudioTrack.createTrack()
            let published = try await alice.localParticipant.publish(audioTrack: audio)
            let whistling = Task { await whistle(audio, frequency: 300) }
            defer { whistling.cancel() }
            #expect(await eventually { publication(bob, of: "alice", kind: .audio)?.track != nil })
            try await published.mute()
            #expect(await eventually { publication(bob, of: "alice", kind: .audio)?.isMuted == true })
            try await published.unmute()
            #expect(await eventually { publication(bob, of: "alice", kind: .audio)?.isMuted == false })
            try await alice.localParticipant.unpublish(publication: published)
            #expect(await eventually { publication(bob, of: "alice", kind: .audio) == nil })
            await alice.disconnect()
            #expect(await eventually { bob.remoteParticipants.isEmpty })
            await bob.disconnect()
        }
    }

    @Test("What a participant says of itself reaches the others, and itself")
    func detailsAreSeen() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let identity = Participant.Identity(from: "alice")
            try await alice.localParticipant.set(name: "Alice")
            try await alice.localParticipant.set(metadata: "on stage")
            try await alice.localParticipant.set(attributes: ["hand": "up", "mood": "good"])
            try await alice.localParticipant.set(attributes: ["hand": ""])
            #expect(await eventually { bob.remoteParticipants[identity]?.attributes == ["mood": "good"] })
            #expect(bob.remoteParticipants[identity]?.name == "Alice")
            #expect(bob.remoteParticipants[identity]?.metadata == "on stage")
            #expect(await eventually { alice.localParticipant.attributes == ["mood": "good"] })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("Signalling over TLS: a certificate that nobody vouches for is refused unless the caller says otherwise")
    func secureSignalling() async throws {
        try await withServer { session in
            try await withTLSTerminator(before: session.port, LocalhostCertificate()) { port in
                let token = try session.token("alice")
                let room = Room()
                await #expect(throws: LiveKitError.self) {
                    try await room.connect(url: "wss://localhost:\(port)", token: token)
                }
                try await room.connect(
                    url: "wss://localhost:\(port)", token: token,
                    connectOptions: ConnectOptions(verifiesCertificates: false))
                #expect(room.localParticipant.identity == Participant.Identity(from: "alice"))
                await room.disconnect()
            }
        }
    }

    @Test("A bad token is refused with the server's reason")
    func badToken() async throws {
        try await withServer { session in
            let room = Room()
            await #expect(throws: LiveKitError.self) {
                try await room.connect(url: "ws://127.0.0.1:\(session.port)", token: "nonsense")
            }
        }
    }
}

/// What a room received as data.
actor Inbox {
    private(set) var messages: [[UInt8]] = []

    init(_ room: Room) {
        let events = room.events
        Task {
            for await case .dataReceived(let bytes, _, _) in events { await self.take(bytes) }
        }
    }

    private func take(_ message: [UInt8]) { messages.append(message) }
}
