import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("RoomService over twirp", .timeLimit(.minutes(1)))
struct RoomServiceTests {
    private static func publish(_ client: SignalClient) async throws -> String {
        var add = Livekit_AddTrackRequest()
        add.cid = "mic"
        add.type = .audio
        try client.send(.addTrack(add))
        return try await client.first { if case .trackPublished(let it) = $0 { it.track.sid } else { nil } }
    }

    @Test("A track is muted, its publisher told; unmuting is refused unless it is configured")
    func muting() async throws {
        for mayUnmute in [false, true] {
            try await TestServer.with {
                $0.room.enablesRemoteUnmute = mayUnmute
            } _: { server in
                let alice = try await server.signal("alice")
                _ = try await alice.join()
                let track = try await Self.publish(alice)
                func set(_ isMuted: Bool, of identity: String = "alice") async throws -> HTTPAnswer {
                    try await server.call(
                        "MutePublishedTrack",
                        #"{"room":"room","identity":"\#(identity)","track_sid":"\#(track)","muted":\#(isMuted)}"#)
                }
                let muted = try await set(true)
                #expect(try Livekit_MuteRoomTrackResponse(jsonString: muted.body).track.muted)
                let told = try await alice.first { if case .mute(let it) = $0 { it } else { nil } }
                #expect(told.sid == track && told.muted)
                let unmuted = try await set(false)
                #expect(unmuted.status == (mayUnmute ? 200 : 412))
                #expect(mayUnmute || unmuted.body.contains("remote unmute not enabled"))
                #expect(try await set(false, of: "nobody").status == 404)
                let unknown = try await server.call(
                    "MutePublishedTrack", #"{"room":"room","identity":"alice","track_sid":"TR_x","muted":true}"#)
                #expect(unknown.status == 200 && unknown.body == #"{"track":null}"#)
            }
        }
    }

    @Test("Subscriptions of somebody who is there are changed")
    func subscriptions() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let body = #"{"room":"room","identity":"alice","track_sids":["TR_x"],"subscribe":true}"#
            let known = try await server.call("UpdateSubscriptions", body)
            #expect(known.status == 200 && known.body == "{}")
            let unknown = try await server.call("UpdateSubscriptions", body.replacing("alice", with: "nobody"))
            #expect(unknown.status == 404 && unknown.body.contains("participant does not exist"))
        }
    }

    @Test("Each limit has its own words, and says how much is allowed")
    func limits() async throws {
        try await TestServer.with {
            $0.limits.metadataBytes = 3
            $0.limits.attributesBytes = 4
            $0.limits.participantNameLength = 5
            $0.limits.roomNameLength = 6
        } _: { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let cases: [(String, String, String)] = [
                (
                    "UpdateParticipant", #""room":"room","identity":"alice","metadata":"1234""#,
                    "metadata size exceeds limits 3"
                ),
                (
                    "UpdateParticipant", #""room":"room","identity":"alice","attributes":{"ab":"cde"}"#,
                    "attribute size exceeds limits 4"
                ),
                (
                    "UpdateParticipant", #""room":"room","identity":"alice","name":"123456""#,
                    "name length exceeds limits 5"
                ),
                ("UpdateRoomMetadata", #""room":"room","metadata":"1234""#, "metadata size exceeds limits 3"),
                ("CreateRoom", #""name":"a","metadata":"1234""#, "metadata size exceeds limits 3"),
                ("CreateRoom", #""name":"1234567""#, "room name length exceeds limits"),
                ("CreateRoom", #""name":"a","agents":[{"metadata":"1234"}]"#, "metadata size exceeds limits 3"),
                (
                    "CreateRoom", #""name":"a","agents":[{"attributes":{"ab":"cde"}}]"#,
                    "attribute size exceeds limits 4"
                ),
                (
                    "CreateRoom", #""name":"a","room_preset":"none""#,
                    "unknown room configuration in create room request"
                ),
                (
                    "CreateRoom", #""name":"room","room_preset":"none""#,
                    "unknown room configuration in create room request"
                ),
                (
                    "SendData", #""room":"room","data":"AQ==","nonce":"AQID""#,
                    "nonce should be 16-bytes or not present, got: 3 bytes"
                ),
                ("PerformRpc", #""room":"room""#, "destination identity is required"),
            ]
            for (method, fields, message) in cases {
                let answer = try await server.call(method, "{\(fields)}")
                #expect(
                    answer.status == 400 && answer.body.contains(#""code":"invalid_argument""#), "\(method) \(answer)")
                #expect(answer.body.contains(#""msg":"\#(message)""#), "\(method) \(answer)")
            }
            // What is merged counts too: each half is short enough.
            let first = #"{"room":"room","identity":"alice","attributes":{"a":"b"}}"#
            #expect(try await server.call("UpdateParticipant", first).status == 200)
            let second = #"{"room":"room","identity":"alice","attributes":{"c":"de"}}"#
            let merged = try await server.call("UpdateParticipant", second)
            #expect(merged.status == 400 && merged.body.contains("attribute size exceeds limits"))
        }
    }

    @Test("A nonce is sixteen bytes, or none")
    func nonce() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            for nonce in ["", "AAECAwQFBgcICQoLDA0ODw=="] {
                let body = #"{"room":"room","data":"AQ==","nonce":"\#(nonce)"}"#
                #expect(try await server.call("SendData", body).status == 200)
            }
        }
    }

    @Test("A room that is there takes what a kind of room states, as a new one does")
    func presetOfExistingRoom() async throws {
        try await TestServer.with {
            $0.room.presets["meeting"] = LiveKitServerConfiguration.RoomPreset()
            $0.room.presets["meeting"]?.maximumParticipants = 7
            $0.room.presets["meeting"]?.metadata = "agenda"
        } _: { server in
            #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
            let again = try await server.call(
                "CreateRoom", #"{"name":"room","room_preset":"meeting","metadata":"own"}"#)
            let room = try Livekit_Room(jsonString: again.body)
            #expect(room.maxParticipants == 7 && room.metadata == "own")
        }
    }

    @Test("Somebody who is not there cannot be changed")
    func unknownParticipant() async throws {
        try await TestServer.with { server in
            #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
            for method in ["UpdateParticipant", "RemoveParticipant", "GetParticipant"] {
                let answer = try await server.call(method, #"{"room":"room","identity":"nobody"}"#)
                #expect(answer.status == 404 && answer.body.contains("participant does not exist"), "\(method)")
            }
        }
    }
}
