import LiveKitCore
import LiveKitMedia
import LiveKitProtobuf
import LiveKitRTC
import LiveKitRTCTransport
import Testing

@testable import LiveKitClient
@testable import LiveKitServerKit

@Suite("What the server makes of what it forwards, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct ForwardingTests {
    @Test("Frames that the server makes are a black picture and silence to the decoders")
    func blankFrames() throws {
        var video = try VP8Decoder()
        let picture = try #require(try video.decode(BlankFrame.picture.payload))
        #expect(picture.width == 16 && picture.height == 16)
        var sound = try OpusDecoder()
        let silence = try sound.decode(BlankFrame.silence.payload)
        #expect(silence.frameCount == 960 && silence.samples.allSatisfy { $0 == 0 })
    }

    @Test("A muted track is forwarded no more, even if its publisher goes on sending, and goes on when it is unmuted")
    func muting() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let published = try await alice.localParticipant.publish(
                videoTrack: video, options: VideoPublishOptions(simulcast: false))
            let painting = Task { await paint(video, width: 320, height: 180) }
            defer { painting.cancel() }
            func remote() -> RemoteVideoTrack? {
                bob.remoteParticipants[Participant.Identity(from: "alice")]?.trackPublications.values
                    .first { $0.kind == .video }?.track as? RemoteVideoTrack
            }
            #expect(await eventually { remote() != nil })
            let pictures = PictureCollector()
            try #require(remote()).add(videoRenderer: pictures)
            #expect(await eventually { pictures.counters.count > 10 })

            // The client itself knows nothing of it.
            func mute(_ isMuted: Bool) async throws {
                var request = Livekit_MuteTrackRequest()
                request.sid = published.sid.stringValue
                request.muted = isMuted
                try await alice.link.session.send(.mute(request))
            }
            try await mute(true)
            var before = -1
            let isStill = await eventually {
                defer { before = pictures.counters.count }
                try? await Task.sleep(for: .milliseconds(500))
                return before == pictures.counters.count
            }
            #expect(isStill, "pictures go on for a muted track")
            try await mute(false)
            #expect(await eventually { pictures.counters.count > before + 20 })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("What is sent on a channel of any other name reaches the others as its sender's message")
    func unlabeledChannels() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let inbox = Inbox(bob)
            #expect(await eventually { alice.remoteParticipants.count == 1 })
            // The first message makes the connection that the channel goes by.
            try await alice.localParticipant.publish(data: [1], options: DataPublishOptions(reliable: true))
            #expect(await eventually { await inbox.messages.count == 1 })
            let signalling = try alice.link.session
            let publisher = try #require(await signalling.publisher)
            try await publisher.perform { peer in
                peer.connection.openChannel(label: "game", isOrdered: true, now: peer.core.now)
            }
            let isSent = await eventually {
                let isSent = try? await publisher.perform { peer in
                    guard let channel = peer.connection.channel(labelled: "game") else { return false }
                    try peer.connection.send([7, 8, 9], on: channel, now: peer.core.now)
                    return true
                }
                return isSent == true
            }
            #expect(isSent)
            #expect(await eventually { await inbox.messages == [[1], [7, 8, 9]] })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("Sound that is muted ends in a second of silence, a picture that ends in black, and numbers go on")
    func blankFramesAreSent() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let audio = try LocalAudioTrack.createTrack()
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let sound = try await alice.localParticipant.publish(audioTrack: audio)
            let picture = try await alice.localParticipant.publish(
                videoTrack: video, options: VideoPublishOptions(simulcast: false))
            let painting = Task { await paint(video, width: 320, height: 180) }
            let whistling = Task { await whistle(audio, frequency: 440) }
            defer {
                painting.cancel()
                whistling.cancel()
            }
            let tap = try await Tap.place(at: bob)
            #expect(await eventually { tap.packets(.audio).count > 20 && tap.packets(.video).count > 20 })

            // The client itself knows nothing of it, and goes on sending.
            var request = Livekit_MuteTrackRequest()
            (request.sid, request.muted) = (sound.sid.stringValue, true)
            try await alice.link.session.send(.mute(request))
            let silence = BlankFrame.silence.payload
            #expect(await eventually { tap.packets(.audio).count { $0.payload == silence } == 50 })
            let heard = tap.packets(.audio)
            let quiet = Array(heard.drop { $0.payload != silence })
            #expect(quiet.count == 50, "nothing of the publisher's comes between")
            #expect(zip(quiet, quiet.dropFirst()).allSatisfy { ($1.timestamp &- $0.timestamp).isMultiple(of: 960) })
            #expect(zip(heard, heard.dropFirst()).allSatisfy { $1.sequence == $0.sequence + 1 })

            try await alice.localParticipant.unpublish(publication: picture)
            let black = BlankFrame.picture.payload
            #expect(
                await eventually { tap.packets(.video).count { $0.payload.suffix(black.count) == black[...] } == 6 })
            let seen = tap.packets(.video)
            #expect(seen.suffix(6).allSatisfy { $0.payload.suffix(black.count) == black[...] })
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $1.sequence == $0.sequence + 1 })
            #expect(zip(seen, seen.dropFirst()).allSatisfy { Int32(bitPattern: $1.timestamp &- $0.timestamp) >= 0 })
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test("The section of a track that ended carries the next one")
    func sectionsAreUsedAgain() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let watcher = try await HandmadeClient.join(session, "watcher")
            var seen: Set<String> = []
            for _ in 0..<3 {
                let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
                let published = try await alice.localParticipant.publish(
                    videoTrack: video, options: VideoPublishOptions(simulcast: false))
                let painting = Task { await paint(video, width: 320, height: 180) }
                defer { painting.cancel() }
                let sid = published.sid.stringValue
                func isOffered() async -> Bool {
                    await watcher.offers.last?.values("msid").contains { $0.contains(sid) } ?? false
                }
                #expect(await eventually { await isOffered() })
                seen.insert(sid)
                try await alice.localParticipant.unpublish(publication: published)
                #expect(await eventually { await !isOffered() })
            }
            #expect(seen.count == 3)
            let sections = await watcher.offers.map { $0.media.filter { $0.media == "video" }.count }
            #expect(sections.max() == 1)
            await watcher.leave()
            await alice.disconnect()
        }
    }

    @Test("Packets of a data track reach its subscriber under a handle of its own, on the channel for them")
    func dataTracks() async throws {
        try await withServer { session in
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let watcher = try await HandmadeClient.join(session, "watcher")
            #expect(await eventually { alice.remoteParticipants.count == 2 })
            // The first message makes the connection that the channel goes by.
            try await alice.localParticipant.publish(data: [1], options: DataPublishOptions(reliable: true))
            var request = Livekit_PublishDataTrackRequest()
            (request.pubHandle, request.name) = (0x0102, "sensor")
            try await alice.link.session.send(.publishDataTrackRequest(request))
            #expect(await eventually { await !watcher.dataTracks.isEmpty })
            let track = try #require(await watcher.dataTracks.first)
            #expect(track.name == "sensor" && track.pubHandle == 0x0102)

            let tap = try await Tap.place(at: bob)
            let (sender, receiver) = (try alice.link.session, try bob.link.session)
            var wish = Livekit_UpdateDataSubscription()
            wish.updates = [Livekit_UpdateDataSubscription.Update()]
            wish.updates[0].trackSid = track.sid
            wish.updates[0].subscribe = true
            try await receiver.send(.updateDataSubscription(wish))

            let publisher = try #require(await sender.publisher)
            try await publisher.perform { peer in
                guard peer.connection.channel(labelled: "_data_track") == nil else { return }
                peer.connection.openChannel(
                    label: "_data_track", isOrdered: false, maxRetransmits: 0, now: peer.core.now)
            }
            let header: [UInt8] = [0x18, 0, 0x01, 0x02, 0, 7, 0, 8, 0, 0, 0, 9]
            let isReceived = await eventually {
                _ = try? await publisher.perform { peer in
                    guard let channel = peer.connection.channel(labelled: "_data_track") else { return }
                    try peer.connection.send(header + [0xAA, 0xBB], on: channel, now: peer.core.now)
                }
                return !tap.messages("_data_track").isEmpty
            }
            #expect(isReceived)
            // The first handle of a subscriber's is 1.
            var expected = header
            expected.replaceSubrange(2..<4, with: [0, 1])
            #expect(tap.messages("_data_track").first == expected + [0xAA, 0xBB])
            await watcher.leave()
            await alice.disconnect()
            await bob.disconnect()
        }
    }
}
