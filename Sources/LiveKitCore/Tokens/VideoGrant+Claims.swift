internal import LiveKitProtobuf

extension VideoGrant {
    init(_ claims: ClaimObject) throws(TokenError) {
        self.init()
        roomCreate = try claims.flag("roomCreate") ?? false
        roomList = try claims.flag("roomList") ?? false
        roomRecord = try claims.flag("roomRecord") ?? false
        roomAdmin = try claims.flag("roomAdmin") ?? false
        roomJoin = try claims.flag("roomJoin") ?? false
        room = try claims.string("room") ?? ""
        destinationRoom = try claims.string("destinationRoom") ?? ""
        ingressAdmin = try claims.flag("ingressAdmin") ?? false
        canPublishClaim = try claims.flag("canPublish")
        canSubscribeClaim = try claims.flag("canSubscribe")
        canPublishDataClaim = try claims.flag("canPublishData")
        canUpdateOwnMetadataClaim = try claims.flag("canUpdateOwnMetadata")
        canSubscribeMetricsClaim = try claims.flag("canSubscribeMetrics")
        canManageAgentSessionClaim = try claims.flag("canManageAgentSession")
        canPublishSources = (try claims.strings("canPublishSources") ?? [])
            .map { Livekit_TrackSource(word: $0) ?? .unknown }
        hidden = try claims.flag("hidden") ?? false
        recorder = try claims.flag("recorder") ?? false
        agent = try claims.flag("agent") ?? false
    }

    var claims: ClaimObject {
        var claims = ClaimObject()
        claims.set("roomCreate", roomCreate ? true : nil)
        claims.set("roomList", roomList ? true : nil)
        claims.set("roomRecord", roomRecord ? true : nil)
        claims.set("roomAdmin", roomAdmin ? true : nil)
        claims.set("roomJoin", roomJoin ? true : nil)
        claims.set("room", room)
        claims.set("destinationRoom", destinationRoom)
        claims.set("ingressAdmin", ingressAdmin ? true : nil)
        claims.set("canPublish", canPublishClaim)
        claims.set("canSubscribe", canSubscribeClaim)
        claims.set("canPublishData", canPublishDataClaim)
        claims.set("canUpdateOwnMetadata", canUpdateOwnMetadataClaim)
        claims.set("canSubscribeMetrics", canSubscribeMetricsClaim)
        claims.set("canManageAgentSession", canManageAgentSessionClaim)
        claims.set("canPublishSources", canPublishSources.map { $0.word ?? "unknown" })
        claims.set("hidden", hidden ? true : nil)
        claims.set("recorder", recorder ? true : nil)
        claims.set("agent", agent ? true : nil)
        return claims
    }
}
