internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import LiveKitPSRPC

extension Livekit_StartSession {
    /// What the room's node needs to know of somebody who joined here.
    ///
    /// - Throws: ``RPCError`` when the token's claims cannot be written.
    init(_ parameters: JoinParameters) throws(RPCError) {
        self.init()
        let intent = parameters.intent
        roomName = parameters.room
        identity = intent.identity
        name = intent.name
        connectionID = "CO_" + UUID().uuidString.filter { $0 != "-" }.prefix(12)
        client = intent.client
        autoSubscribe = intent.subscribesAutomatically
        autoSubscribeDataTrack = intent.subscribesToDataTracks
        adaptiveStream = intent.adaptsStreams
        disableIceLite = intent.refusesICELite
        if let allowsPause = intent.allowsPause { subscriberAllowPause = allowsPause }
        useSinglePeerConnection = intent.usesSinglePeerConnection
        addTrackRequests = intent.addTrackRequests
        if let offer = intent.publisherOffer { publisherOffer = offer }
        if let resume = parameters.resume {
            reconnect = true
            reconnectReason = resume.reason
            participantID = resume.session
            if let state = resume.syncState { syncState = state }
        }
        createRoom = Livekit_CreateRoomRequest(parameters.room, parameters.claims)
        tokenExpiresAt = parameters.claims.expiresAt.secondsSinceEpoch
        do {
            grantsJson = try parameters.grants.grantsJSON()
        } catch {
            throw RPCError(.malformedRequest, "the token's claims cannot be written: \(error)")
        }
    }
}

extension JoinParameters {
    /// The claims with what the client added to them, as the room's node takes them for granted.
    fileprivate var grants: TokenClaims {
        var claims = claims
        claims.identity = intent.identity
        claims.metadata = intent.metadata
        claims.attributes = intent.attributes
        if !intent.permission.canSubscribe { claims.video?.canSubscribe = false }
        return claims
    }

    /// What another node says of somebody whom it let pass.
    ///
    /// The issuer is taken when the other node does not say who signed the token.
    ///
    /// - Throws: ``RPCError`` when it cannot be read, or does not allow to join.
    init(_ session: Livekit_StartSession, issuer: String) throws(RPCError) {
        var claims: TokenClaims
        do {
            claims = try TokenClaims(
                grantsJSON: session.grantsJson, expiresAt: NumericDate(secondsSinceEpoch: session.tokenExpiresAt))
        } catch {
            throw RPCError(.malformedRequest, "failed to read participant from session: \(error)")
        }
        guard let grant = claims.video, !session.roomName.isEmpty, !session.identity.isEmpty else {
            throw RPCError(.invalidArgument, "a session needs a room, an identity and a grant")
        }
        claims.identity = session.identity
        if claims.issuer.isEmpty { claims.issuer = issuer }
        self.claims = claims
        room = session.roomName
        resume = session.reconnect ? ResumeRequest(session) : nil
        intent = JoinIntent(claims: claims, grant: grant)
        intent.name = session.name
        intent.client = session.client
        intent.subscribesAutomatically = session.autoSubscribe
        intent.subscribesToDataTracks = session.autoSubscribeDataTrack
        intent.adaptsStreams = session.adaptiveStream
        intent.refusesICELite = session.disableIceLite
        intent.allowsPause = session.hasSubscriberAllowPause ? session.subscriberAllowPause : nil
        intent.usesSinglePeerConnection = session.useSinglePeerConnection
        intent.addTrackRequests = session.addTrackRequests
        intent.publisherOffer = session.hasPublisherOffer ? session.publisherOffer : nil
    }
}

extension ResumeRequest {
    fileprivate init(_ session: Livekit_StartSession) {
        self.init(session: session.participantID, reason: session.reconnectReason)
        syncState = session.hasSyncState ? session.syncState : nil
    }
}

extension Livekit_CreateRoomRequest {
    /// The room that a token makes by joining.
    fileprivate init(_ room: String, _ claims: TokenClaims) {
        self.init()
        name = room
        roomPreset = claims.roomPreset
        guard let configuration = claims.roomConfiguration else { return }
        emptyTimeout = configuration.emptyTimeout
        departureTimeout = configuration.departureTimeout
        maxParticipants = configuration.maxParticipants
        metadata = configuration.metadata
        agents = configuration.agents
        if configuration.hasEgress { egress = configuration.egress }
        minPlayoutDelay = configuration.minPlayoutDelay
        maxPlayoutDelay = configuration.maxPlayoutDelay
        syncStreams = configuration.syncStreams
    }
}
