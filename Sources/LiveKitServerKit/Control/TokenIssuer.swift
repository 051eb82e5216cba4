internal import LiveKitCore
internal import LiveKitProtobuf

/// Makes the fresh tokens that sessions are handed, so that they can come back after the first one expired.
struct TokenIssuer: Sendable {
    let keys: [String: String]
    let clock: ServerClock

    /// A fresh token lives at least so long.
    static let minimumLifeSeconds: Int64 = 600

    /// A token like the one the session came with, for the participant as it is now.
    func token(renewing claims: TokenClaims, for participant: RoomParticipant) -> String? {
        guard let secret = keys[claims.issuer] else { return nil }
        let now = NumericDate(secondsSinceEpoch: clock.unixMilliseconds() / 1000)
        var token = AccessToken(apiKey: claims.issuer, apiSecret: secret, renewing: claims)
        token.identity = participant.identity
        token.name = participant.name
        token.metadata = participant.metadata
        token.attributes = participant.attributes
        token.video?.state(participant.permission)
        let left = claims.expiresAt.secondsSinceEpoch &- now.secondsSinceEpoch
        token.timeToLive = .seconds(max(Self.minimumLifeSeconds, left))
        return try? token.jwt(now: now)
    }
}

extension VideoGrant {
    /// Writes a permission that was changed in the room into the grant.
    fileprivate mutating func state(_ permission: Livekit_ParticipantPermission) {
        canPublish = permission.canPublish
        canSubscribe = permission.canSubscribe
        canPublishData = permission.canPublishData
        canPublishSources = permission.canPublishSources
        canUpdateOwnMetadata = permission.canUpdateMetadata
        canSubscribeMetrics = permission.canSubscribeMetrics
        canManageAgentSession = permission.canManageAgentSession
        hidden = permission.hidden
    }
}
