import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("What one node tells another of somebody who joins")
struct StartSessionTests {
    private func parameters(_ query: [String: String] = [:]) throws -> JoinParameters {
        var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 2_000_000_000))
        claims.issuer = "key"
        claims.identity = "ann"
        claims.notBefore = NumericDate(secondsSinceEpoch: 1_900_000_000)
        claims.name = "Ann"
        claims.metadata = "m"
        claims.attributes = ["a": "b"]
        claims.video = VideoGrant(room: "kitchen", roomJoin: true)
        claims.roomConfiguration = Livekit_RoomConfiguration()
        claims.roomConfiguration?.emptyTimeout = 77
        return try JoinParameters(query: query, claims: claims, limits: LiveKitServerConfiguration().limits)
    }

    @Test("It arrives as it was")
    func roundTrip() throws {
        let sent = try parameters(["adaptive_stream": "1", "sdk": "js", "protocol": "16", "auto_subscribe": "0"])
        let start = try Livekit_StartSession(sent)
        #expect(start.roomName == "kitchen" && start.identity == "ann" && start.createRoom.emptyTimeout == 77)
        #expect(start.connectionID.hasPrefix("CO_") && !start.reconnect && start.tokenExpiresAt == 2_000_000_000)
        let received = try JoinParameters(start, issuer: "other")
        #expect(received.room == "kitchen" && received.resume == nil)
        #expect(received.claims == sent.claims)
        #expect(received.intent.adaptsStreams && !received.intent.subscribesAutomatically)
        #expect(received.intent.client == sent.intent.client && received.intent.attributes == ["a": "b"])
        #expect(received.intent.permission == sent.intent.permission)
    }

    @Test("A session gone on with says which and why")
    func resume() throws {
        let start = try Livekit_StartSession(parameters(["reconnect": "1", "sid": "PA_1", "reconnect_reason": "2"]))
        #expect(start.reconnect && start.participantID == "PA_1")
        let received = try JoinParameters(start, issuer: "other")
        #expect(received.resume?.session == "PA_1" && received.resume?.reason == start.reconnectReason)
    }

    @Test("livekit-server's grants have no issuer and no dates: the first key renews them")
    func foreignGrants() throws {
        var start = Livekit_StartSession()
        start.roomName = "kitchen"
        start.identity = "ann"
        start.grantsJson =
            #"{"identity":"ann","name":"Ann","video":{"roomJoin":true,"room":"kitchen","canSubscribe":false}}"#
        start.tokenExpiresAt = 2_000_000_000
        let received = try JoinParameters(start, issuer: "first")
        #expect(received.claims.issuer == "first" && received.claims.identity == "ann")
        #expect(received.claims.expiresAt.secondsSinceEpoch == 2_000_000_000)
        #expect(!received.intent.permission.canSubscribe && received.intent.permission.canPublish)
    }

    @Test("What does not let anybody join is refused", arguments: ["", "{", #"{"identity":"ann"}"#, #"{"video":7}"#])
    func refuses(grants: String) {
        var start = Livekit_StartSession()
        start.roomName = "kitchen"
        start.identity = "ann"
        start.grantsJson = grants
        #expect(throws: RPCError.self) { try JoinParameters(start, issuer: "first") }
    }
}
