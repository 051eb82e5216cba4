internal import LiveKitCore
internal import LiveKitProtobuf

extension TokenIssuer {
    /// The token with which a worker's agent joins its job's room.
    func token(for worker: AgentWorker, job: Livekit_Job, _ response: Livekit_AvailabilityResponse) -> String? {
        guard let secret = keys[worker.apiKey] else { return nil }
        var token = AccessToken(apiKey: worker.apiKey, apiSecret: secret, identity: response.participantIdentity)
        token.name = response.participantName
        token.metadata = response.participantMetadata
        token.attributes = response.participantAttributes
        token.attributes[Self.agentNameAttribute] = worker.agentName
        token.kind = .agent
        token.timeToLive = AgentBounds.tokenLife
        var grant = VideoGrant(
            room: job.room.name, roomJoin: true, canPublish: worker.permission.canPublish,
            canSubscribe: worker.permission.canSubscribe, canPublishData: worker.permission.canPublishData,
            canPublishSources: worker.permission.canPublishSources)
        grant.canUpdateOwnMetadata = worker.permission.canUpdateMetadata
        grant.canSubscribeMetrics = worker.permission.canSubscribeMetrics
        grant.hidden = worker.permission.hidden
        grant.agent = true
        token.video = grant
        return try? token.jwt(now: NumericDate(secondsSinceEpoch: clock.unixMilliseconds() / 1000))
    }

    /// By which clients know an agent's name.
    private static let agentNameAttribute = "lk.agent_name"
}
