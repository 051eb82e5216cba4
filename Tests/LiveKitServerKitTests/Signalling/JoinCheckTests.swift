import HTTPTypes
import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("What a join request may not lack, and what it may not hold")
struct JoinCheckTests {
    private static func refusal(_ change: (inout TokenClaims) -> Void) -> HTTPFailure? {
        var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 4_000_000_000))
        claims.identity = "alice"
        claims.video = VideoGrant(room: "room", roomJoin: true)
        change(&claims)
        var limits = LiveKitServerConfiguration.Limits()
        (limits.identityLength, limits.roomNameLength, limits.participantNameLength) = (10, 11, 12)
        do throws(HTTPFailure) {
            _ = try JoinParameters(query: [:], claims: claims, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("What is missing or too long is named, with LiveKit's status")
    func refusals() {
        let long = String(repeating: "x", count: 13)
        let cases: [(HTTPFailure?, Int, String)] = [
            (Self.refusal { $0.identity = "" }, 400, "identity cannot be empty"),
            (Self.refusal { $0.video?.room = "" }, 400, "no room name"),
            (Self.refusal { $0.identity = long }, 400, "participant identity length exceeds limits: max length 10"),
            (Self.refusal { $0.video?.room = long }, 400, "room name length exceeds limits: max length 11"),
            (Self.refusal { $0.name = long }, 400, "name length exceeds limits: max length 12"),
            (Self.refusal { $0.video = nil }, 401, "no permissions to access the room"),
            (Self.refusal { $0.video?.roomJoin = false }, 401, "no permissions to access the room"),
        ]
        for (failure, status, message) in cases {
            #expect(failure?.status.code == status && failure?.message == message, "\(failure as Any)")
        }
        #expect(Self.refusal { _ in } == nil)
    }

    @Test("Over a socket, too, a token without an identity or a room is a bad request")
    func overSocket() async throws {
        try await TestServer.with { server in
            let expiry = TestServer.now().secondsSinceEpoch + 600
            for (subject, room) in [("", "r"), ("me", "")] {
                let payload =
                    #"{"iss":"\#(TestServer.key)","sub":"\#(subject)","exp":\#(expiry),"#
                    + #""video":{"roomJoin":true,"room":"\#(room)"}}"#
                let token = JSONWebSignature.sign(
                    header: Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), payload: Array(payload.utf8),
                    with: TestServer.secret)
                let answer = try await HTTPClient.request(
                    port: server.port, "GET", "/rtc/validate?access_token=\(token)")
                #expect(answer.status == 400, "\(answer)")
            }
        }
    }
}
