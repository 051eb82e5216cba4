import LiveKitCore
import LiveKitProtobuf
import Testing

@Suite("TokenClaims from another implementation's tokens")
struct TokenClaimsTests {
    @Test("Reads a join token")
    func join() throws {
        let claims = try TokenSamples.verifier.verify(TokenSamples.join, now: TokenSamples.now)
        #expect(claims.issuer == TokenSamples.key)
        #expect(claims.identity == "alice")
        #expect(claims.name == "Alice")
        #expect(claims.kind == .standard)
        #expect(claims.notBefore == TokenSamples.now)
        #expect(claims.expiresAt == TokenSamples.now.advanced(bySeconds: 6 * 3600))
        #expect(claims.sip == nil)
        let video = try #require(claims.video)
        #expect(video.roomJoin && video.room == "kitchen" && !video.roomAdmin)
        #expect(video.canPublishClaim == true && video.canUpdateOwnMetadataClaim == nil)
    }

    @Test("Reads every claim and grant")
    func everything() throws {
        let claims = try TokenSamples.verifier.verify(TokenSamples.everything, now: TokenSamples.now)
        #expect(claims.identity == "bob")
        #expect(claims.name == "Bob é😀")
        #expect(claims.kind == .agent)
        #expect(claims.metadata == #"{"a":1}"#)
        #expect(claims.attributes == ["colour": "red", "empty": ""])
        #expect(claims.sha256 == "abc=")
        #expect(claims.roomPreset == "big")
        #expect(claims.sip == SIPGrant(admin: true, call: true))
        #expect(claims.agent == AgentGrant(simulationAdmin: true))
        #expect(claims.inference == InferenceGrant(perform: true))
        #expect(claims.observability == ObservabilityGrant(write: true))

        let video = try #require(claims.video)
        #expect(video.canPublishSources == [.microphone, .screenShare, .unknown])
        #expect(!video.canPublish && !video.canSubscribe && video.canPublishData)
        #expect(video.canUpdateOwnMetadata && video.canSubscribeMetrics && video.hidden && video.roomAdmin)
        #expect(video.destinationRoom == "attic")

        let configuration = try #require(claims.roomConfiguration)
        #expect(configuration.name == "hall" && configuration.emptyTimeout == 7)
        #expect(configuration.maxParticipants == 9 && configuration.minPlayoutDelay == 100)
        #expect(configuration.syncStreams && configuration.tags == ["k": "v"])
        #expect(configuration.agents.map(\.agentName) == ["helper"])
        #expect(configuration.egress.tracks.s3.bucket == "b")
    }

    @Test("The identity falls back to the token's identifier")
    func identityFromJTI() throws {
        let token = TokenSamples.valid(adding: #""jti":"carol""#)
        #expect(try TokenSamples.verifier.verify(token, now: TokenSamples.now).identity == "carol")
        let both = TokenSamples.valid(adding: #""jti":"carol","sub":"dave""#)
        #expect(try TokenSamples.verifier.verify(both, now: TokenSamples.now).identity == "dave")
    }

    @Test("An unknown kind is a standard participant, and an unknown detail is left out")
    func unknownWords() throws {
        let token = TokenSamples.valid(adding: #""kind":"martian","kindDetails":["cloud_agent","x","SIMULATION"]"#)
        let claims = try TokenSamples.verifier.verify(token, now: TokenSamples.now)
        #expect(claims.kind == .standard)
        #expect(claims.kindDetails == [.cloudAgent, .simulation])
    }
}
