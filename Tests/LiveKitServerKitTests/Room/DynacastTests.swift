import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: dynacast, what publishers are told that anybody wants")
struct DynacastTests {
    /// The layers that the newest updates to the publisher leave on, update by update: "low", "low,medium", "".
    private static func told(_ room: RoomHarness, _ publisher: ParticipantSID) -> [String] {
        room.signals(to: publisher).compactMap { message in
            guard case .subscribedQualityUpdate(let update) = message else { return nil }
            return update.subscribedQualities.filter(\.enabled).map { "\($0.quality)" }.joined(separator: ",")
        }
    }

    private static func publishCamera(
        _ room: inout RoomHarness, from sid: ParticipantSID, layers: [Livekit_VideoQuality] = [.low, .medium, .high]
    ) -> TrackSID {
        room.publish("cam", from: sid) { request in
            request.type = .video
            request.source = .camera
            request.layers = layers.map { quality in
                var layer = Livekit_VideoLayer()
                layer.quality = quality
                layer.width = 320 << UInt32(quality.rawValue)
                layer.height = 180 << UInt32(quality.rawValue)
                return layer
            }
        }
    }

    private static func settings(
        _ track: TrackSID, _ quality: Livekit_VideoQuality, disabled: Bool = false
    ) -> Livekit_SignalRequest.OneOf_Message {
        var settings = Livekit_UpdateTrackSettings()
        settings.trackSids = [track.rawValue]
        settings.quality = quality
        settings.disabled = disabled
        return .trackSetting(settings)
    }

    @Test("More is told at once, less when it has lasted, and what both kinds of clients read")
    func moreAtOnceLessLater() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.adaptsStreams = true }
        let track = Self.publishCamera(&room, from: alice)
        #expect(Self.told(room, alice) == ["low"], "who adapts begins small")
        let first = room.signals(to: alice).compactMap { message -> Livekit_SubscribedQualityUpdate? in
            if case .subscribedQualityUpdate(let update) = message { update } else { nil }
        }.first
        #expect(first?.trackSid == track.rawValue && first?.subscribedCodecs.map(\.codec) == ["vp8"])
        #expect(first?.subscribedCodecs.first?.qualities == first?.subscribedQualities)
        #expect(first?.subscribedQualities.map(\.quality) == [.low, .medium, .high])

        room.forget()
        room.send(Self.settings(track, .high), from: bob)
        #expect(Self.told(room, alice) == ["low,medium,high"])
        room.forget()
        room.send(Self.settings(track, .medium), from: bob)
        room.pass(.milliseconds(4900))
        #expect(Self.told(room, alice).isEmpty)
        room.pass(.milliseconds(200))
        #expect(Self.told(room, alice) == ["low,medium"])
        room.forget()
        room.send(Self.settings(track, .low), from: bob)
        room.pass(.seconds(2))
        room.send(Self.settings(track, .medium), from: bob)
        room.pass(.seconds(20))
        #expect(Self.told(room, alice).isEmpty, "who only scrolled past costs nothing")
    }

    @Test("The most demanding subscriber counts, as long as it is here and looks")
    func mostDemanding() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let track = Self.publishCamera(&room, from: alice)
        let bob = try room.join("bob")
        let carol = try room.join("carol")
        for (sid, quality) in [(bob, Livekit_VideoQuality.medium), (carol, .low)] {
            room.send(Self.settings(track, quality), from: sid)
        }
        room.pass(.seconds(6))
        #expect(Self.told(room, alice).last == "low,medium")
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        room.pass(.seconds(6))
        #expect(Self.told(room, alice).last == "low")
        room.send(Self.settings(track, .low, disabled: true), from: carol)
        room.pass(.seconds(6))
        #expect(Self.told(room, alice).last == "")
        room.send(Self.settings(track, .low), from: carol)
        #expect(Self.told(room, alice).last == "low")
        var wish = Livekit_UpdateSubscription()
        wish.trackSids = [track.rawValue]
        room.send(.subscription(wish), from: carol)
        room.pass(.seconds(6))
        #expect(Self.told(room, alice).last == "")
    }

    @Test("A publisher whom nobody watches is told after ten seconds")
    func nobodyWatches() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        _ = Self.publishCamera(&room, from: alice)
        room.pass(.milliseconds(9900))
        #expect(Self.told(room, alice).isEmpty)
        room.pass(.milliseconds(200))
        #expect(Self.told(room, alice) == [""])
        room.pass(.seconds(30))
        #expect(Self.told(room, alice) == [""])
    }

    @Test("Nothing is told of a muted track; when it goes on, and after a resume, what holds then")
    func mutedAndResumed() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = Self.publishCamera(&room, from: alice)
        room.activate(alice)
        room.forget()
        var mute = Livekit_MuteTrackRequest()
        mute.sid = track.rawValue
        mute.muted = true
        room.send(.mute(mute), from: alice)
        room.send(Self.settings(track, .low), from: bob)
        room.pass(.seconds(8))
        room.send(Self.settings(track, .medium), from: bob)
        #expect(Self.told(room, alice).isEmpty)
        mute.muted = false
        room.send(.mute(mute), from: alice)
        #expect(Self.told(room, alice) == ["low,medium"])
        room.forget()
        try room.resume("alice", alice)
        #expect(Self.told(room, alice) == ["low,medium"])
    }

    @Test(
        "Qualities are those of the layers that there are",
        arguments: [
            ([Livekit_VideoQuality.low, .high], Livekit_VideoQuality.medium, "low,medium,high"),
            ([.medium, .high], .low, "low,medium"),
            ([.low, .medium], .high, "low,medium"),
            ([.high], .low, "low,medium,high"),
            ([], .medium, "low,medium"),
        ])
    func mapsLayers(_ layers: [Livekit_VideoQuality], _ wanted: Livekit_VideoQuality, _ expected: String) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.subscribesAutomatically = false }
        let track = Self.publishCamera(&room, from: alice, layers: layers)
        room.send(Self.settings(track, wanted), from: bob)
        var wish = Livekit_UpdateSubscription()
        wish.trackSids = [track.rawValue]
        wish.subscribe = true
        room.send(.subscription(wish), from: bob)
        #expect(Self.told(room, alice) == [expected])
    }

    @Test("A limit of the API's cuts what is wanted; an audience in another room wants everything")
    func limitsAndForwarding() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        _ = Self.publishCamera(&room, from: alice)
        try room.change { state, now in
            try state.updateDetails(
                of: bob, name: "", metadata: "", attributes: ["lk.limit.video_quality": "low"], now: now)
        }
        room.pass(.seconds(6))
        #expect(Self.told(room, alice) == ["low,medium,high", "low"])
        room.change { state, now in state.setForwardedElsewhere(true, alice, now: now) }
        #expect(Self.told(room, alice).last == "low,medium,high")
        room.change { state, now in state.setForwardedElsewhere(false, alice, now: now) }
        room.pass(.seconds(6))
        #expect(Self.told(room, alice).last == "low")
    }

    @Test("Of audio in several codecs the publisher is told which are heard, at once")
    func audioCodecs() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let plain = room.publish("plain", from: alice)
        let track = room.publish("mic", from: alice) { request in
            request.simulcastCodecs = ["opus", "red"].map { name in
                var codec = Livekit_SimulcastCodec()
                codec.codec = name
                return codec
            }
        }
        func told() -> [[String: Bool]] {
            room.signals(to: alice).compactMap { message in
                guard case .subscribedAudioCodecUpdate(let update) = message else { return nil }
                #expect(update.trackSid == track.rawValue && update.trackSid != plain.rawValue)
                return Dictionary(
                    update.subscribedAudioCodecs.map { ($0.codec, $0.enabled) }, uniquingKeysWith: { $1 })
            }
        }
        #expect(told() == [["opus": true]])
        room.send(.leave(Livekit_LeaveRequest()), from: bob)
        #expect(told() == [["opus": true], ["opus": false]])
    }

    @Test("Whatever is wanted when, less is never told early and the truth never late", arguments: 1...20)
    func anyOrder(_ seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        let delay = MediaDuration.seconds(5)
        var demand = TrackDemand(pauseDelay: delay, firstReportAt: .start + .seconds(10))
        var now = MediaInstant.start
        var wanted = WantedQuality.off
        var told: WantedQuality?
        var wantedLessSince: MediaInstant?
        for _ in 0..<2000 {
            now = now + .milliseconds(Int64.random(in: 0...2000, using: &random))
            if Bool.random(using: &random) {
                wanted = WantedQuality(rawValue: Int.random(in: 0...3, using: &random)) ?? .off
                let isNews = demand.want(wanted, now: now)
                if let told, wanted <= told { #expect(!isNews || now - (wantedLessSince ?? now) >= delay) }
                if told.map({ wanted > $0 }) ?? true { #expect(isNews) }
                if isNews { told = demand.told }
            } else if demand.handleTimeout(now: now) {
                #expect(told == nil ? now >= .start + .seconds(10) : now - (wantedLessSince ?? now) >= delay)
                told = demand.told
            } else if let wantedLessSince {
                #expect(now - wantedLessSince < delay)
            }
            #expect(demand.told == told)
            let isLess = told.map { wanted < $0 } ?? false
            wantedLessSince = isLess ? wantedLessSince ?? now : nil
        }
    }
}
