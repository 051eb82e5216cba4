import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@Suite("AccessToken")
struct AccessTokenTests {
    static func token(identity: String = "alice") -> AccessToken {
        AccessToken(apiKey: TokenSamples.key, apiSecret: TokenSamples.secret, identity: identity)
    }

    static func full() -> AccessToken {
        var token = token(identity: "alice")
        token.name = "Alice \"é\" 😀"
        token.timeToLive = .seconds(600)
        token.metadata = "line\nbreak"
        token.attributes = ["a": "1", "b": ""]
        token.kind = .sip
        token.kindDetails = [.forwarded, .connectorTwilio]
        token.sha256 = "digest"
        token.roomPreset = "preset"
        token.roomConfiguration = .with {
            $0.emptyTimeout = 30
            $0.tags = ["k": "v"]
            $0.agents = [.with { $0.agentName = "helper" }]
        }
        var video = VideoGrant(
            room: "kitchen", roomJoin: true, canPublish: false, canPublishSources: [.screenShareAudio])
        video.canManageAgentSession = true
        video.roomRecord = true
        token.video = video
        token.sip = SIPGrant(call: true)
        token.agent = AgentGrant(admin: true, databaseAdmin: true)
        token.inference = InferenceGrant(perform: true)
        token.observability = ObservabilityGrant()
        return token
    }

    @Test("What is signed comes back verified")
    func roundTrip() throws {
        let token = Self.full()
        let claims = try TokenSamples.verifier.verify(token.jwt(now: TokenSamples.now), now: TokenSamples.now)
        #expect(claims == token.claims(now: TokenSamples.now))
        #expect(claims.expiresAt == TokenSamples.now.advanced(bySeconds: 600))
    }

    @Test("The JSON is what other implementations read: no empty claims, whole numbers")
    func json() throws {
        var token = Self.token()
        token.video = VideoGrant(room: "kitchen", roomJoin: true, canPublish: false, canPublishSources: [.camera])
        token.roomConfiguration = .with { $0.emptyTimeout = 30 }
        let parts = try token.jwt(now: TokenSamples.now).split(separator: ".")
        let texts = parts.prefix(2).map { String(decoding: Base64URL.decode($0.utf8) ?? [], as: UTF8.self) }
        #expect(texts.first == #"{"alg":"HS256","typ":"JWT"}"#)
        let payload = try #require(texts.last)
        for member in [
            #""iss":"APIexampleKey""#, #""sub":"alice""#, #""nbf":1700000000,"#, #""exp":1700021600,"#,
            #""roomJoin":true"#, #""canPublish":false"#, #""canPublishSources":["camera"]"#,
            #""roomConfig":{"emptyTimeout":30}"#,
        ] {
            #expect(payload.contains(member), "\(member)")
        }
        #expect(!payload.contains("canSubscribe") && !payload.contains("metadata") && !payload.contains("kind"))
    }

    @Test("A join without identity or room, a token without key or secret, is not made")
    func refusals() {
        func refusal(_ token: AccessToken) -> String? {
            do {
                _ = try token.jwt(now: TokenSamples.now)
                return nil
            } catch {
                return error.description
            }
        }
        var token = Self.token(identity: "")
        #expect(refusal(token) == nil)
        token.video = VideoGrant(room: "kitchen", roomJoin: true)
        #expect(refusal(token) == "missingClaim (sub)")
        token.identity = "alice"
        #expect(refusal(token) == nil)
        token.video = VideoGrant(roomJoin: true)
        #expect(refusal(token) == "missingClaim (room)")
        #expect(refusal(AccessToken(apiKey: "", apiSecret: "s")) == "missingClaim (iss)")
        #expect(refusal(AccessToken(apiKey: "k", apiSecret: "")) == "emptySecret")
    }

    @Test("Storage credentials go into a token only when allowed")
    func storageCredentials() throws {
        var token = Self.token()
        token.roomConfiguration = .with {
            $0.egress.participant.fileOutputs = [.with { $0.s3.bucket = "bucket" }]
        }
        _ = try token.jwt(now: TokenSamples.now)
        token.roomConfiguration?.egress.participant.fileOutputs[0].s3.secret = "hidden"
        let error = #expect(throws: TokenError.self) { try token.jwt(now: TokenSamples.now) }
        #expect(error?.code == .storageCredentials)
        token.allowsStorageCredentials = true
        let text = try token.jwt(now: TokenSamples.now)
        let claims = try TokenSamples.verifier.verify(text, now: TokenSamples.now)
        #expect(claims.roomConfiguration?.egress.participant.fileOutputs.first?.s3.secret == "hidden")
    }

    @Test("Addresses of streams, in which their keys stand, count as credentials")
    func streamKeys() throws {
        var token = Self.token()
        token.roomConfiguration = .with {
            $0.egress.room.streamOutputs = [.with { $0.urls = ["rtmp://example.com/live/key"] }]
        }
        let error = #expect(throws: TokenError.self) { try token.jwt(now: TokenSamples.now) }
        #expect(error?.code == .storageCredentials)
        token.allowsStorageCredentials = true
        _ = try token.jwt(now: TokenSamples.now)
    }

    @Test("A renewed token says the same, for another while")
    func renewal() throws {
        let claims = try TokenSamples.verifier.verify(TokenSamples.everything, now: TokenSamples.now)
        let later = TokenSamples.now.advanced(bySeconds: 200)
        var renewed = AccessToken(apiKey: TokenSamples.key, apiSecret: TokenSamples.secret, renewing: claims)
        renewed.timeToLive = .seconds(600)
        let again = try TokenSamples.verifier.verify(renewed.jwt(now: later), now: later)
        var expected = claims
        expected.notBefore = later
        expected.expiresAt = later.advanced(bySeconds: 600)
        #expect(again == expected)
    }

    @Test("Short secrets work and are told apart", arguments: [(31, true), (32, false), (100, false)])
    func shortSecrets(count: Int, isShort: Bool) throws {
        let secret = String(repeating: "x", count: count)
        let token = AccessToken(apiKey: "k", apiSecret: secret)
        #expect(token.isSecretShort == isShort)
        let text = try token.jwt(now: TokenSamples.now)
        #expect(try TokenVerifier(secrets: ["k": secret]).verify(text, now: TokenSamples.now).issuer == "k")
    }

    @Test("The secret is not printed")
    func description() {
        var dumped = ""
        dump(Self.token(), to: &dumped)
        #expect(!dumped.contains(TokenSamples.secret))
        #expect(!"\(Self.token())".contains(TokenSamples.secret))
    }
}
