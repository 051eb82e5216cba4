internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// What a client says in the query of `/rtc` or `/rtc/v1`, and what its token allows: everything needed to try to
/// join, or to go on with a session.
struct JoinParameters: Sendable {
    var room: String
    var intent: JoinIntent
    var claims: TokenClaims
    /// The session that the client wants to go on with; `nil` for a new one.
    var resume: ResumeRequest?

    /// How the request was made.
    struct Route: Sendable {
        /// `/rtc/v1`, which cannot do without a join request.
        var needsJoinRequest = false
        /// Only asks whether joining would be allowed; then details that a join would overlook are refused.
        var isValidation = false
    }

    /// Reads and checks a request to join.
    ///
    /// - Throws: ``HTTPFailure`` with LiveKit's status codes.
    init(
        query: [String: String], route: Route = Route(), claims: TokenClaims?,
        limits: LiveKitServerConfiguration.Limits
    ) throws(HTTPFailure) {
        guard let claims, let grant = claims.video else { throw Self.noPermission }
        let parameter = query["join_request"] ?? ""
        guard !parameter.isEmpty || !route.needsJoinRequest else { throw .badRequest("join_request is required") }
        let request = try parameter.isEmpty ? nil : Livekit_JoinRequest(parameter: parameter)

        guard grant.roomJoin else { throw Self.noPermission }
        guard !claims.identity.isEmpty else { throw .badRequest("identity cannot be empty") }
        guard limits.allows(identity: claims.identity) else {
            throw .exceeding("participant identity length exceeds limits", limits.identityLength)
        }
        guard limits.allows(name: claims.name) else {
            throw .exceeding("name length exceeds limits", limits.participantNameLength)
        }
        let room = grant.room
        guard !room.isEmpty else { throw .badRequest("no room name") }
        guard limits.allows(roomName: room) else {
            throw .exceeding("room name length exceeds limits", limits.roomNameLength)
        }

        self.room = room
        self.claims = claims
        intent = JoinIntent(claims: claims, grant: grant)
        if let request {
            try read(request)
        } else {
            try read(query, isStrict: route.isValidation)
        }
        guard limits.allows(metadata: intent.metadata), limits.allows(attributes: intent.attributes) else {
            throw .badRequest("metadata or attributes exceed the limit")
        }
    }

    private static let noPermission = HTTPFailure.unauthorized("no permissions to access the room")
    private static let mayNotDescribeItself = HTTPFailure.unauthorized("no permission to update own metadata")

    /// `/rtc`: everything stands in the query.
    private mutating func read(_ query: [String: String], isStrict: Bool) throws(HTTPFailure) {
        if let suffix = query["publish"], !suffix.isEmpty { try publishOnly(suffix) }
        intent.client = Livekit_ClientInfo(query: query)
        intent.subscribesAutomatically = query["auto_subscribe"].map(Self.isSet) ?? true
        intent.subscribesToDataTracks = query["auto_subscribe_data_track"].map(Self.isSet) ?? false
        intent.adaptsStreams = query["adaptive_stream"].map(Self.isSet) ?? false
        intent.refusesICELite = query["disable_ice_lite"].map(Self.isSet) ?? false
        intent.allowsPause = query["subscriber_allow_pause"].flatMap { $0.isEmpty ? nil : Self.isSet($0) }
        if Self.isSet(query["reconnect"] ?? "") {
            resume = ResumeRequest(
                session: query["sid"] ?? "",
                reason: Livekit_ReconnectReason(rawValue: Int(query["reconnect_reason"] ?? "") ?? 0) ?? .rrUnknown)
        }
        guard let text = query["attributes"], !text.isEmpty else { return }
        guard let data = Data(base64URL: text),
            let added = try? JSONDecoder().decode([String: String].self, from: data)
        else {
            // A join goes on without them.
            guard isStrict else { return }
            throw .badRequest("cannot decode attributes")
        }
        try merge(added)
    }

    /// `/rtc/v1`: everything stands in one message, and one peer connection does for both directions.
    private mutating func read(_ request: Livekit_JoinRequest) throws(HTTPFailure) {
        intent.usesSinglePeerConnection = true
        intent.client = request.clientInfo
        intent.subscribesAutomatically = request.connectionSettings.autoSubscribe
        intent.subscribesToDataTracks = request.connectionSettings.autoSubscribeDataTrack
        intent.adaptsStreams = request.connectionSettings.adaptiveStream
        intent.refusesICELite = request.connectionSettings.disableIceLite
        // Here silence is a no, as it is to LiveKit's server.
        intent.allowsPause = request.connectionSettings.subscriberAllowPause
        intent.addTrackRequests = request.addTrackRequests
        intent.publisherOffer = request.hasPublisherOffer ? request.publisherOffer : nil
        if request.reconnect {
            resume = ResumeRequest(session: request.participantSid, reason: request.reconnectReason)
            resume?.syncState = request.hasSyncState ? request.syncState : nil
        }
        if !request.metadata.isEmpty {
            guard intent.permission.canUpdateMetadata else { throw Self.mayNotDescribeItself }
            intent.metadata = request.metadata
        }
        try merge(request.participantAttributes)
    }

    /// A second connection of the same identity, by which it only publishes.
    private mutating func publishOnly(_ suffix: String) throws(HTTPFailure) {
        guard intent.permission.canPublish else { throw Self.noPermission }
        intent.identity += "#" + suffix
        intent.permission.canSubscribe = false
    }

    /// Attributes that the client adds to those of its token. Empty values cannot take any away.
    private mutating func merge(_ added: [String: String]) throws(HTTPFailure) {
        guard !added.isEmpty else { return }
        guard intent.permission.canUpdateMetadata else { throw Self.mayNotDescribeItself }
        intent.attributes.merge(LimitingAttribute.permitted(added).filter { !$0.value.isEmpty }) { _, new in new }
    }

    /// Whether a flag of a query is on.
    private static func isSet(_ value: String) -> Bool {
        value == "1" || value == "true"
    }
}

/// What a client says that wants to go on with a session.
struct ResumeRequest: Sendable {
    /// Its participant's SID; older clients give none.
    var session: String
    var reason: Livekit_ReconnectReason
    /// What the client believes to be true, when it comes with the request.
    var syncState: Livekit_SyncState?

    init(session: String, reason: Livekit_ReconnectReason = .rrUnknown) {
        self.session = session
        self.reason = reason
    }
}

extension JoinIntent {
    init(claims: TokenClaims, grant: VideoGrant) {
        self.init(identity: claims.identity)
        name = claims.name
        metadata = claims.metadata
        attributes = claims.attributes
        kind = claims.kind
        kindDetails = claims.kindDetails
        permission = grant.participantPermission
    }
}

extension Data {
    /// Decodes base64url, with or without padding (RFC 4648 §5).
    init?(base64URL text: String) {
        var plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while !plain.utf8.count.isMultiple(of: 4) { plain += "=" }
        self.init(base64Encoded: plain)
    }
}
