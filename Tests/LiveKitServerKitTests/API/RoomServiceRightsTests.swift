import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("RoomService over twirp: rights", .timeLimit(.minutes(1)))
struct RoomServiceRightsTests {
    struct Method: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let right: VideoGrant
        let wrong: [VideoGrant]

        var testDescription: String { name }
    }

    private static let transfer: VideoGrant = {
        var grant = VideoGrant(room: "room", roomAdmin: true)
        grant.destinationRoom = "other"
        return grant
    }()

    private static func administering(_ name: String, _ fields: String = "") -> Method {
        Method(
            name: name, body: #"{"room":"room"\#(fields)}"#, right: VideoGrant(room: "room", roomAdmin: true),
            wrong: [
                VideoGrant(room: "other", roomAdmin: true), VideoGrant(roomAdmin: true), VideoGrant(room: "room"),
                VideoGrant(room: "room", roomJoin: true, roomCreate: true, roomList: true),
            ])
    }

    private static func transferring(_ name: String) -> Method {
        var elsewhere = transfer
        elsewhere.destinationRoom = "third"
        return Method(
            name: name, body: #"{"room":"room","identity":"x","destination_room":"other"}"#, right: transfer,
            wrong: [elsewhere, VideoGrant(room: "room", roomAdmin: true)])
    }

    static let methods: [Method] = [
        Method(
            name: "CreateRoom", body: #"{"name":"room"}"#, right: VideoGrant(roomCreate: true),
            wrong: [VideoGrant(room: "room", roomList: true, roomAdmin: true)]),
        Method(
            name: "ListRooms", body: "{}", right: VideoGrant(roomList: true),
            wrong: [VideoGrant(room: "room", roomCreate: true, roomAdmin: true)]),
        Method(
            name: "DeleteRoom", body: #"{"room":"room"}"#, right: VideoGrant(roomCreate: true),
            wrong: [VideoGrant(room: "room", roomList: true, roomAdmin: true)]),
        administering("ListParticipants"), administering("GetParticipant", #","identity":"x""#),
        administering("RemoveParticipant", #","identity":"x""#),
        administering("MutePublishedTrack", #","identity":"x","track_sid":"TR_x","muted":true"#),
        administering("UpdateParticipant", #","identity":"x""#),
        administering("UpdateSubscriptions", #","identity":"x""#), administering("SendData", #","data":"AQ==""#),
        administering("UpdateRoomMetadata", #","metadata":"m""#),
        administering("PerformRpc", #","destination_identity":"x","method":"m""#),
        transferring("ForwardParticipant"), transferring("MoveParticipant"),
    ]

    private static func token(_ grant: VideoGrant?) throws -> String {
        var token = AccessToken(apiKey: TestServer.key, apiSecret: TestServer.secret, identity: "back end")
        token.video = grant
        return try token.jwt(now: TestServer.now())
    }

    @Test("All fourteen methods are here")
    func complete() {
        #expect(Set(Self.methods.map(\.name)).count == 14)
    }

    @Test("A method needs its grant, for its room", arguments: methods)
    func rights(_ method: Method) async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            for grant in [nil, VideoGrant()] + method.wrong.map(Optional.some) {
                let refused = try await server.call(method.name, method.body, token: try Self.token(grant))
                #expect(refused.status == 401 && refused.body.contains("permissions denied"), "\(grant as Any)")
            }
            let bare = try await HTTPClient.request(
                port: server.port, "POST", "/twirp/livekit.RoomService/\(method.name)",
                headers: ["Content-Type": "application/json"], body: method.body)
            #expect(bare.status == 401)
            // Nobody called x is there.
            let taken = try await server.call(method.name, method.body, token: try Self.token(method.right))
            #expect([200, 404].contains(taken.status), "\(taken)")
            #expect(taken.status == 200 || taken.body.contains(#""code":"not_found""#))
        }
    }

    @Test(
        "What is too long, or no request at all, is told before or after the rights as LiveKit does",
        arguments: [
            ("UpdateParticipant", #"{"room":"room","name":"\#(String(repeating: "n", count: 257))"}"#, 400),
            ("UpdateRoomMetadata", #"{"room":"room","metadata":"0123456789"}"#, 400),
            ("CreateRoom", #"{"name":"room","metadata":"0123456789"}"#, 401),
            ("CreateRoom", #"{"name":"room","egress":{}}"#, 401), ("SendData", #"{"room":"room","nonce":"AQ=="}"#, 401),
            ("PerformRpc", #"{"room":"room"}"#, 401),
            ("MoveParticipant", #"{"room":"room","destination_room":"room"}"#, 401),
        ])
    func order(_ method: String, _ body: String, _ status: Int) async throws {
        try await TestServer.with {
            $0.limits.metadataBytes = 9
        } _: { server in
            let answer = try await server.call(method, body, token: try Self.token(VideoGrant()))
            #expect(answer.status == status, "\(answer)")
        }
    }
}
