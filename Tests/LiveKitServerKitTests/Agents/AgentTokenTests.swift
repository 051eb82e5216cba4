import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Agents: the token of an assignment")
struct AgentTokenTests {
    private static let secret = "a secret of more than 32 characters"

    private func claims(_ change: (inout Livekit_RegisterWorkerRequest) -> Void) throws -> TokenClaims {
        var request = Livekit_RegisterWorkerRequest()
        request.agentName = "helper"
        change(&request)
        let worker = try AgentWorker(id: "AW_1", apiKey: "key", request)
        var job = Livekit_Job()
        job.room.name = "room"
        var response = Livekit_AvailabilityResponse()
        response.participantIdentity = "agent-1"
        response.participantName = "Helper"
        response.participantMetadata = "m"
        response.participantAttributes = ["a": "b", "lk.agent_name": "forged"]
        let clock = ServerClock(now: { .start }, unixMilliseconds: { 1_700_000_000_000 })
        let issuer = TokenIssuer(keys: ["key": Self.secret], clock: clock)
        let token = try #require(issuer.token(for: worker, job: job, response))
        return try TokenVerifier(secrets: ["key": Self.secret]).verify(
            token, now: NumericDate(secondsSinceEpoch: 1_700_000_000))
    }

    @Test("It is an agent's, for one room and one hour, and names the agent")
    func usual() throws {
        let claims = try claims { _ in }
        let video = try #require(claims.video)
        #expect(claims.kind == .agent && claims.identity == "agent-1" && claims.name == "Helper")
        #expect(claims.metadata == "m" && claims.attributes == ["a": "b", "lk.agent_name": "helper"])
        #expect(claims.expiresAt.secondsSinceEpoch == 1_700_000_000 + 3600)
        #expect(video.room == "room" && video.roomJoin && video.agent && !video.roomAdmin && !video.hidden)
        #expect(video.canPublish == true && video.canSubscribe == true && video.canPublishData == true)
        #expect(video.canUpdateOwnMetadata == true)
    }

    @Test("It permits what the worker asked to be permitted, and hides what is to be hidden")
    func permissions() throws {
        let claims = try claims {
            $0.allowedPermissions.canSubscribe = true
            $0.allowedPermissions.hidden = true
            $0.allowedPermissions.canSubscribeMetrics = true
        }
        let video = try #require(claims.video)
        #expect(video.hidden && video.canSubscribe == true && video.canSubscribeMetrics == true)
        #expect(video.canPublish == false && video.canPublishData == false && video.canUpdateOwnMetadata == false)
    }
}
