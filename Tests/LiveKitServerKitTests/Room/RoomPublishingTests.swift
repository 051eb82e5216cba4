import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: publishing and subscribing")
struct RoomPublishingTests {
    private func video(_ request: inout Livekit_AddTrackRequest) {
        request.type = .video
        request.source = .camera
        request.width = 640
        request.height = 360
        request.layers = [layer(.low, 320, 180), layer(.high, 640, 360)]
    }

    private func layer(_ quality: Livekit_VideoQuality, _ width: UInt32, _ height: UInt32) -> Livekit_VideoLayer {
        var layer = Livekit_VideoLayer()
        layer.quality = quality
        layer.width = width
        layer.height = height
        return layer
    }

    @Test("A track is announced to its publisher, and to others once its media has started")
    func trackIsAnnouncedThenPublished() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.forget()
        var request = Livekit_AddTrackRequest()
        request.cid = "cam"
        request.name = "camera"
        video(&request)
        room.send(.addTrack(request), from: alice)
        guard case .trackPublished(let answer) = room.signals(to: alice).first else {
            Issue.record("no answer")
            return
        }
        #expect(answer.cid == "cam" && answer.track.sid.hasPrefix("TR_VC"))
        #expect(room.updates(to: bob).isEmpty)
        let track = TrackSID(rawValue: answer.track.sid)
        #expect(
            room.media.contains {
                if case .expectTrack(alice, let expected) = $0 { expected.cid == "cam" } else { false }
            })

        room.report(
            .trackStarted(
                alice, track, TrackDetails(mimeType: "video/VP8", mid: "1", rids: ["q", "h"], ssrcs: [5, 6])))
        let info = try #require(room.updates(to: bob).last?.tracks.first)
        #expect(info.mimeType == "video/VP8" && info.mid == "1" && info.simulcast)
        #expect(info.layers.map(\.ssrc) == [5, 6] && info.layers.map(\.rid) == ["q", "h"])
        #expect(info.codecs.first?.mimeType == "video/VP8")
        #expect(room.subscribed == [Subscription(bob, track)])
        #expect(!room.signals(to: alice).contains { if case .trackSubscribed = $0 { true } else { false } })
        room.report(.subscribed(bob, track))
        #expect(room.signals(to: alice).contains { if case .trackSubscribed = $0 { true } else { false } })
    }

    @Test("Another codec of a track makes no second track")
    func backupCodecs() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let track = room.publish("cam", from: alice, video)
        room.forget()
        for (sid, reason) in [
            (track.rawValue, Livekit_RequestResponse.Reason.unsupportedType), ("TR_none", .notFound),
        ] {
            var request = Livekit_AddTrackRequest()
            (request.cid, request.sid, request.type) = ("backup", sid, .video)
            room.send(.addTrack(request), from: alice)
            #expect(room.requestResponse(to: alice)?.reason == reason)
            #expect(room.requestResponse(to: alice)?.addTrack.cid == "backup")
            room.forget()
        }
        #expect(room.state.participants[alice]?.pendingTracks.isEmpty == true)
    }

    @Test("In the place of a codec that the room or the client does not take the answer names one that they do")
    func allowedCodecs() throws {
        func codecs(_ asked: [String], of names: [String], _ type: Livekit_TrackType = .video) throws -> [String] {
            var room = RoomHarness {
                $0.enabledCodecs = names.map { name in
                    var codec = Livekit_Codec()
                    codec.mime = name
                    return codec
                }
            }
            let alice = try room.join("alice")
            var request = Livekit_AddTrackRequest()
            (request.cid, request.type) = ("cam", type)
            request.simulcastCodecs = asked.map { name in
                var codec = Livekit_SimulcastCodec()
                codec.codec = name
                return codec
            }
            room.send(.addTrack(request), from: alice)
            return room.state.participants[alice]?.pendingTracks.first?.info.codecs.map(\.mimeType) ?? []
        }
        let mimes = ["audio/opus", "video/H264", "video/VP8"]
        #expect(
            try codecs(["vp9", "h264", "video/av1", ""], of: mimes) == ["video/VP8", "video/h264", "video/VP8", ""])
        #expect(try codecs(["red"], of: mimes, .audio) == ["audio/opus"])
        #expect(try codecs(["vp9"], of: []) == ["video/vp9"], "where none is named all are allowed")
    }

    @Test("A mute of a track that is not there is answered")
    func unknownMute() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let track = room.publish("mic", from: alice)
        var mute = Livekit_MuteTrackRequest()
        (mute.sid, mute.muted) = (track.rawValue, true)
        room.send(.mute(mute), from: alice)
        #expect(room.requestResponse(to: alice) == nil)
        mute.sid = "TR_none"
        room.send(.mute(mute), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notFound)
        #expect(room.requestResponse(to: alice)?.mute.sid == "TR_none")
    }

    @Test("Late joiners get what is there")
    func lateJoinersSubscribe() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let track = room.publish("mic", from: alice)
        let bob = try room.join("bob")
        let silent = try room.join("silent") { $0.subscribesAutomatically = false }
        #expect(room.subscribed == [Subscription(bob, track)])
        var wish = Livekit_UpdateSubscription()
        wish.trackSids = [track.rawValue]
        wish.subscribe = true
        room.send(.subscription(wish), from: silent)
        #expect(room.subscribed.last == Subscription(silent, track))
        wish.subscribe = false
        room.send(.subscription(wish), from: silent)
        #expect(room.unsubscribed == [Subscription(silent, track)])
    }

    @Test("Who cannot decode a track is told so, is sent nothing of it, and gets it when it asks again")
    func undecodable() throws {
        var room = RoomHarness(limits: Self.oneVideo)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let first = room.publish("cam", from: alice, video)
        let second = room.publish("screen", from: alice, video)
        #expect(room.subscribed == [Subscription(bob, first)])
        room.report(.codecRefused(bob, first))
        room.report(.codecRefused(bob, first))
        let errors = room.signals(to: bob).compactMap { message -> Livekit_SubscriptionResponse? in
            if case .subscriptionResponse(let response) = message { response } else { nil }
        }
        #expect(errors.map(\.err) == [.seCodecUnsupported] && errors.first?.trackSid == first.rawValue)
        #expect(room.unsubscribed == [Subscription(bob, first)])
        #expect(room.subscribed.last == Subscription(bob, second), "there is a place for another one")
        room.report(.codecRefused(bob, second))
        room.pass(.seconds(50))
        #expect(room.subscribed.count == 2)
        var wish = Livekit_UpdateSubscription()
        wish.trackSids = [first.rawValue]
        wish.subscribe = true
        room.send(.subscription(wish), from: bob)
        #expect(room.subscribed.count == 3 && room.subscribed.last == Subscription(bob, first))
    }

    private static var oneVideo: LiveKitServerConfiguration.Limits {
        var limits = LiveKitServerConfiguration.Limits()
        limits.videoSubscriptions = 1
        return limits
    }

    @Test("Publishing needs the permission and the source")
    func publishingNeedsPermission() throws {
        var room = RoomHarness()
        let mute = try room.join("mute") { $0.permission.canPublish = false }
        let speaker = try room.join("speaker") { $0.permission.canPublishSources = [.microphone] }
        var request = Livekit_AddTrackRequest()
        request.cid = "x"
        request.type = .audio
        request.source = .microphone
        room.send(.addTrack(request), from: mute)
        #expect(room.requestResponse(to: mute)?.reason == .notAllowed)
        room.send(.addTrack(request), from: speaker)
        #expect(room.requestResponse(to: speaker) == nil)
        request.source = .screenShareAudio
        room.send(.addTrack(request), from: speaker)
        #expect(room.requestResponse(to: speaker)?.reason == .notAllowed)
    }

    @Test("Announced tracks are bounded")
    func pendingTracksAreBounded() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        for index in 0...RoomBounds.pendingTracks {
            var request = Livekit_AddTrackRequest()
            request.cid = "c\(index)"
            request.type = .audio
            room.send(.addTrack(request), from: alice)
        }
        #expect(room.requestResponse(to: alice)?.reason == .limitExceeded)
        #expect(room.state.participants[alice]?.pendingTracks.count == RoomBounds.pendingTracks)
    }

    @Test("A second announcement of a cid waits for the first to end, started or not; a fourth is refused")
    func sameCIDIsQueued() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        var request = Livekit_AddTrackRequest()
        request.cid = "c"
        request.type = .audio
        room.send(.addTrack(request), from: alice)
        room.send(.addTrack(request), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .queued)
        room.send(.addTrack(request), from: alice)
        room.forget()
        room.send(.addTrack(request), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .limitExceeded)

        func announced(_ room: RoomHarness) -> Int {
            room.signals(to: alice).count { if case .trackPublished = $0 { true } else { false } }
        }
        let sids = room.state.participants[alice]?.pendingTracks.map(\.sid) ?? []
        try #require(sids.count == 3)
        room.report(.trackStarted(alice, sids[0], TrackDetails(mimeType: "audio/opus", mid: "0")))
        #expect(announced(room) == 0)
        room.report(.trackEnded(sids[0]))
        #expect(announced(room) == 1)
        #expect(
            room.media.contains { if case .expectTrack(alice, let track) = $0 { track.sid == sids[1] } else { false } })
        // It never starts: the server takes it away.
        room.change { $0.unpublish(sids[1], now: $1) }
        #expect(announced(room) == 2)
        room.send(.leave(Livekit_LeaveRequest()), from: alice)
        #expect(announced(room) == 2, "nothing takes the place of what leaves with its publisher")
    }

    @Test("What a publisher says of its tracks is told to others")
    func describesTracks() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let audio = room.publish("mic", from: bob)
        let video = room.publish("cam", from: bob) { $0.type = .video }
        room.forget()
        var sound = Livekit_UpdateLocalAudioTrack()
        sound.trackSid = audio.rawValue
        sound.features = [.tfStereo]
        room.send(.updateAudioTrack(sound), from: bob)
        var picture = Livekit_UpdateLocalVideoTrack()
        picture.trackSid = video.rawValue
        picture.width = 320
        picture.height = 180
        room.send(.updateVideoTrack(picture), from: bob)
        let tracks = try #require(room.updates(to: alice).last).tracks
        #expect(tracks.map(\.audioFeatures) == [[.tfStereo], []])
        #expect(tracks.map(\.stereo) == [true, false])
        #expect(tracks.map(\.width) == [0, 320] && tracks.map(\.height) == [0, 180])
        // Nobody speaks of a track of somebody else.
        room.forget()
        room.send(.updateVideoTrack(picture), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notFound)
        #expect(room.effects.count == 1)
    }

    @Test("Ending a track tells others and ends their subscriptions")
    func endedTrackIsGone() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = room.publish("mic", from: alice)
        #expect(room.updates(to: bob).last?.tracks.count == 1)
        room.report(.trackEnded(track))
        #expect(room.updates(to: bob).last?.tracks.isEmpty == true)
        #expect(room.state.participants[bob]?.subscriptions.isEmpty == true)
        #expect(room.state.publisherByTrack.isEmpty)
    }

    @Test("Muting is told to all; a mute by the API is asked of the publisher")
    func muting() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = room.publish("mic", from: alice)
        var mute = Livekit_MuteTrackRequest()
        mute.sid = track.rawValue
        mute.muted = true
        room.send(.mute(mute), from: bob)
        #expect(room.state.publishedTrack(track)?.info.muted == false)
        room.send(.mute(mute), from: alice)
        #expect(room.updates(to: bob).last?.tracks.first?.muted == true)
        room.change { state, now in
            state.setMuted(track, false, of: alice, tellingPublisher: true, now: now)
        }
        #expect(room.signals(to: alice).contains { if case .mute(let request) = $0 { !request.muted } else { false } })
    }

    @Test("An allow-list takes tracks away and gives them back; recorders are exempt")
    func allowList() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        try room.join("recorder") { $0.permission.recorder = true }
        let track = room.publish("mic", from: alice)
        var list = Livekit_SubscriptionPermission()
        list.allParticipants = false
        room.send(.subscriptionPermission(list), from: alice)
        #expect(room.unsubscribed == [Subscription(bob, track)])
        var entry = Livekit_TrackPermission()
        entry.participantIdentity = "bob"
        entry.trackSids = [track.rawValue]
        list.trackPermissions = [entry]
        room.send(.subscriptionPermission(list), from: alice)
        #expect(room.subscribed.last == Subscription(bob, track))
        let allowed = room.signals(to: bob).compactMap { message -> Bool? in
            if case .subscriptionPermissionUpdate(let update) = message { update.allowed } else { nil }
        }
        #expect(allowed == [false, true])
    }

    @Test("A revoked permission takes tracks and subscriptions away, and gives subscriptions back later")
    func revokedPermission() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let mine = room.publish("mic", from: bob)
        let theirs = room.publish("mic", from: alice)
        var permission = try #require(room.state.participants[bob]?.permission)
        permission.canPublish = false
        permission.canSubscribe = false
        room.change { $0.updatePermission(of: bob, permission, now: $1) }
        #expect(room.updates(to: alice).last?.tracks.isEmpty == true)
        #expect(room.signals(to: bob).contains { if case .trackUnpublished = $0 { true } else { false } })
        #expect(room.unsubscribed == [Subscription(bob, theirs)])
        #expect(room.state.publisherByTrack[mine] == nil)
        permission.canSubscribe = true
        room.change { $0.updatePermission(of: bob, permission, now: $1) }
        #expect(room.subscribed.last == Subscription(bob, theirs))
    }

    @Test("A subscription limit lets the next track in when one ends")
    func subscriptionLimit() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.audioSubscriptions = 1
        var room = RoomHarness(limits: limits)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let first = room.publish("a", from: alice)
        let second = room.publish("b", from: alice)
        #expect(room.subscribed == [Subscription(bob, first)])
        room.report(.trackEnded(first))
        #expect(room.subscribed.last == Subscription(bob, second))
    }

    @Test("A wish for a track that never comes is answered after a minute")
    func missingTrack() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        room.activate(alice)
        var wish = Livekit_UpdateSubscription()
        wish.trackSids = ["TR_none"]
        wish.subscribe = true
        room.send(.subscription(wish), from: alice)
        room.pass(.seconds(61))
        let errors = room.signals(to: alice).compactMap { message -> Livekit_SubscriptionError? in
            if case .subscriptionResponse(let response) = message { response.err } else { nil }
        }
        #expect(errors == [.seTrackNotfound])
    }

    @Test("What is said of a track that has not started is kept, and of one that is not there refused")
    func describesPendingTracks() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        var request = Livekit_AddTrackRequest()
        request.cid = "mic"
        request.type = .audio
        room.send(.addTrack(request), from: alice)
        let track = try #require(room.state.participants[alice]?.pendingTracks.first?.sid)
        var sound = Livekit_UpdateLocalAudioTrack()
        sound.trackSid = track.rawValue
        sound.features = [.tfNoDtx, .tfNoDtx, .tfStereo]
        room.send(.updateAudioTrack(sound), from: alice)
        #expect(room.requestResponse(to: alice) == nil)
        room.report(.trackStarted(alice, track, TrackDetails(mimeType: "audio/opus", mid: "0")))
        let info = try #require(room.updates(to: alice).last?.tracks.first)
        #expect(info.audioFeatures == [.tfNoDtx, .tfStereo] && info.stereo && info.disableDtx)

        sound.trackSid = "TR_nowhere"
        room.send(.updateAudioTrack(sound), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notFound)
        #expect(room.requestResponse(to: alice)?.updateAudioTrack == sound)
        room.forget()
        var picture = Livekit_UpdateLocalVideoTrack()
        picture.trackSid = "TR_nowhere"
        room.send(.updateVideoTrack(picture), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notFound)
        #expect(room.requestResponse(to: alice)?.updateVideoTrack == picture)
    }

    @Test(
        "The layer for a size has nine tenths of its height, as LiveKit has it",
        arguments: [
            (1280, 720, [180, 360, 720], 320, 180, 0), (1280, 720, [180, 360, 720], 320, 200, 0),
            (1280, 720, [180, 360, 720], 320, 202, 1), (1280, 720, [180, 360, 720], 640, 400, 1),
            (1280, 720, [180, 360, 720], 640, 402, 2), (1280, 720, [180, 360, 720], 9000, 9000, 2),
            (1280, 720, [360, 360, 720], 10, 10, 1), (1280, 720, [], 10, 200, 0), (1280, 720, [], 10, 300, 1),
            (720, 1280, [], 200, 10, 0), (720, 1280, [], 500, 10, 2), (0, 0, [180, 360], 1, 1, 2),
        ] as [(UInt32, UInt32, [UInt32], UInt32, UInt32, Int)])
    func layerForSize(
        _ width: UInt32, _ height: UInt32, _ heights: [UInt32], _ wantedWidth: UInt32, _ wantedHeight: UInt32,
        _ layer: Int
    ) {
        var info = Livekit_TrackInfo()
        info.type = .video
        (info.width, info.height) = (width, height)
        info.layers = zip(Livekit_VideoQuality.allCases, heights).map { quality, height in
            self.layer(quality, 0, height)
        }
        #expect(info.quality(forWidth: wantedWidth, height: wantedHeight).layerIndex == layer)
    }

    @Test("Settings stated before the track is there are read by what the track turns out to be")
    func earlySettings() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        var request = Livekit_AddTrackRequest()
        request.cid = "cam"
        video(&request)
        (request.width, request.height) = (1280, 720)
        room.send(.addTrack(request), from: alice)
        let track = try #require(room.state.participants[alice]?.pendingTracks.first?.sid)
        var settings = Livekit_UpdateTrackSettings()
        settings.trackSids = [track.rawValue]
        settings.width = 160
        settings.height = 90
        room.send(.trackSetting(settings), from: bob)
        room.report(.trackStarted(alice, track, TrackDetails(mimeType: "video/VP8", mid: "0")))
        let told = room.media.compactMap { command -> TrackSettings? in
            if case .setTrackSettings(bob, track, let settings) = command { settings } else { nil }
        }
        #expect(told.map(\.maximumLayer) == [0])
    }

    @Test("A wanted size picks the smallest layer that is large enough")
    func trackSettings() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = room.publish("cam", from: alice) { request in
            video(&request)
            (request.width, request.height) = (1280, 720)
        }
        for (width, layer) in [(UInt32(100), 0), (500, 2), (4000, 2)] {
            var settings = Livekit_UpdateTrackSettings()
            settings.trackSids = [track.rawValue]
            settings.width = width
            settings.height = width / 2
            room.forget()
            room.send(.trackSetting(settings), from: bob)
            guard case .setTrackSettings(bob, track, let told) = room.media.first else {
                Issue.record("no settings")
                continue
            }
            #expect(told.maximumLayer == layer)
        }
    }

    @Test("Speakers are told to themselves and to who hears them, in changes only")
    func speakers() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let deaf = try room.join("deaf") { $0.subscribesAutomatically = false }
        let track = room.publish("mic", from: alice)
        room.forget()
        let report = AudioLevelReport(participant: alice, track: track, level: 0.5)
        room.report(.audioLevels([report]))
        room.report(.audioLevels([report]))
        #expect(room.signals(to: alice).count == 1)
        #expect(room.signals(to: bob).count == 1)
        #expect(room.signals(to: deaf).isEmpty)
        room.report(.audioLevels([AudioLevelReport(participant: alice, track: track, level: 0)]))
        guard case .speakersChanged(let update) = room.signals(to: bob).last else { return }
        #expect(update.speakers.first?.active == false)
    }
}
