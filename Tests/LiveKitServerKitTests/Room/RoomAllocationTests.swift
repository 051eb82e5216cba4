import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("A room and the bandwidth of its subscribers")
struct RoomAllocationTests {
    @Test("Tracks that pause for want of bandwidth are told to their subscriber alone, with their publisher")
    func streamStates() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let video = room.publish("cam", from: bob) { $0.type = .video }
        room.forget()
        room.report(
            .streamStates(alice, [StreamStateReport(publisher: bob, track: video, isPaused: true)]))
        room.report(
            .streamStates(alice, [StreamStateReport(publisher: bob, track: video, isPaused: false)]))
        let told = room.signals(to: alice).compactMap { message -> Livekit_StreamStateInfo? in
            if case .streamStateUpdate(let update) = message { update.streamStates.first } else { nil }
        }
        #expect(told.map(\.state) == [.paused, .active])
        #expect(told.allSatisfy { $0.participantSid == bob.rawValue && $0.trackSid == video.rawValue })
        #expect(room.signals(to: bob).isEmpty)
    }

    @Test("A simulated bandwidth reaches the media half; zero or less clears it")
    func simulatedBandwidth() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        for bitsPerSecond in [Int64(250_000), 0, -1] {
            var request = Livekit_SimulateScenario()
            request.subscriberBandwidth = bitsPerSecond
            room.send(.simulate(request), from: alice)
        }
        let set = room.media.compactMap { command -> Int64?? in
            if case .setChannelCapacity(alice, let capacity) = command { capacity } else { nil }
        }
        #expect(set == [250_000, nil, nil])
    }

    @Test("How many pictures a subscriber wants in each second goes along with its settings; 0 is for all")
    func framesPerSecond() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let video = room.publish("cam", from: bob) { $0.type = .video }
        for wish in [UInt32(15), 0] {
            var request = Livekit_UpdateTrackSettings()
            request.trackSids = [video.rawValue]
            request.quality = .high
            request.fps = wish
            room.send(.trackSetting(request), from: alice)
        }
        let told = room.media.compactMap { command -> TrackSettings? in
            if case .setTrackSettings(alice, video, let settings) = command { settings } else { nil }
        }
        #expect(told == [TrackSettings(framesPerSecond: 15), TrackSettings()])
    }

    @Test("A track's priority goes along with its settings, 255 at most; a screen comes before faces")
    func priorities() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let video = room.publish("screen", from: bob) {
            $0.type = .video
            $0.source = .screenShare
        }
        for priority in [UInt32(7), 1000] {
            var request = Livekit_UpdateTrackSettings()
            request.trackSids = [video.rawValue]
            request.quality = .high
            request.priority = priority
            room.send(.trackSetting(request), from: alice)
        }
        let set = room.media.compactMap { command -> UInt8? in
            if case .setTrackSettings(alice, video, let settings) = command { settings.priority } else { nil }
        }
        #expect(set == [7, 255])
        let expected = room.media.compactMap { command -> Bool? in
            if case .expectTrack(bob, let track) = command { track.isScreenShare } else { nil }
        }
        #expect(expected == [true])
    }

    private static func claims() -> TokenClaims {
        var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 4_000_000_000))
        claims.identity = "alice"
        claims.video = VideoGrant(room: "room", roomJoin: true)
        return claims
    }

    /// What the forwarding half is told of a join.
    private func mayPause(_ parameters: JoinParameters) throws -> Bool? {
        var room = RoomHarness()
        try room.join("alice") { $0.allowsPause = parameters.intent.allowsPause }
        let options = room.media.compactMap { command -> ParticipantMediaOptions? in
            if case .addParticipant(_, let options) = command { options } else { nil }
        }
        return try #require(options.first).allowsPause
    }

    @Test(
        "A client's word on pauses comes before the configuration's, both ways; without one that decides",
        arguments: [
            ("", [false, true]), ("1", [true, true]), ("true", [true, true]), ("0", [false, false]),
            ("false", [false, false]),
        ])
    func pauses(_ value: String, _ expected: [Bool]) throws {
        let query = value.isEmpty ? [:] : ["subscriber_allow_pause": value]
        let isAllowed = try mayPause(JoinParameters(query: query, claims: Self.claims(), limits: .init()))
        let outcomes = [false, true].map { configured in
            var configuration = StreamAllocator.Configuration()
            configuration.allowsPause = configured
            return configuration.heeding(isAllowed).allowsPause
        }
        #expect(outcomes == expected)
    }

    @Test("A join request of /rtc/v1 that is silent on pauses wants none")
    func pausesOfJoinRequests() throws {
        for (setting, isAllowed) in [(nil, false), (true, true), (false, false)] as [(Bool?, Bool)] {
            var request = Livekit_JoinRequest()
            request.clientInfo.protocol = 16
            if let setting { request.connectionSettings.subscriberAllowPause = setting }
            let parameters = try JoinParameters(
                query: ["join_request": try request.parameter()], route: .init(needsJoinRequest: true),
                claims: Self.claims(), limits: .init())
            #expect(try mayPause(parameters) == isAllowed)
        }
    }
}

extension Livekit_JoinRequest {
    fileprivate func parameter() throws -> String {
        var wrapped = Livekit_WrappedJoinRequest()
        wrapped.joinRequest = try serializedBytes()
        let data: Data = try wrapped.serializedBytes()
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}
