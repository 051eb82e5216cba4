public import LiveKitProtobuf

/// What the holder of a token may do with rooms, and inside one room.
///
/// The permissions inside a room that default to `true` or follow another one are tri-state in a token:
/// ``canPublishClaim`` and its siblings hold what the token states, and ``canPublish`` and its siblings
/// what follows from it. Assigning to the latter states it.
public struct VideoGrant: Hashable, Sendable {
    // Actions on rooms

    /// May create and delete rooms.
    public var roomCreate = false
    /// May list rooms.
    public var roomList = false
    /// May start and stop recordings.
    public var roomRecord = false
    /// May moderate the room named by ``room``.
    public var roomAdmin = false
    /// May join the room named by ``room``.
    public var roomJoin = false
    /// The room that ``roomJoin`` and ``roomAdmin`` are for.
    public var room = ""
    /// The room that a participant may be forwarded or moved to.
    public var destinationRoom = ""
    /// May manage ingresses.
    public var ingressAdmin = false

    // Permissions inside the room

    /// Whether the token says that its holder may publish tracks; `nil` where it does not say.
    public var canPublishClaim: Bool?
    /// Whether the token says that its holder may subscribe to tracks; `nil` where it does not say.
    public var canSubscribeClaim: Bool?
    /// Whether the token says that its holder may publish data; `nil` where it does not say.
    public var canPublishDataClaim: Bool?
    /// Whether the token says that its holder may change his own name, metadata and attributes; `nil` where it
    /// does not say.
    public var canUpdateOwnMetadataClaim: Bool?
    /// Whether the token says that its holder may receive metrics; `nil` where it does not say.
    public var canSubscribeMetricsClaim: Bool?
    /// Whether the token says that its holder may manage an agent's session; `nil` where it does not say.
    public var canManageAgentSessionClaim: Bool?
    /// The sources that may be published. Empty means all; a name that the schema does not know reads as
    /// `.unknown`, so that a list of such names does not turn into an empty one.
    public var canPublishSources: [Livekit_TrackSource] = []

    /// Other participants do not see this one.
    public var hidden = false
    /// The participant is a recorder. Replaced by the participant's kind.
    public var recorder = false
    /// May register as an agent worker.
    public var agent = false

    /// Creates a grant; what is not named is not granted, and the permissions inside the room keep their defaults.
    public init(
        room: String = "", roomJoin: Bool = false, roomCreate: Bool = false, roomList: Bool = false,
        roomAdmin: Bool = false, roomRecord: Bool = false, canPublish: Bool? = nil, canSubscribe: Bool? = nil,
        canPublishData: Bool? = nil, canPublishSources: [Livekit_TrackSource] = []
    ) {
        self.room = room
        self.roomJoin = roomJoin
        self.roomCreate = roomCreate
        self.roomList = roomList
        self.roomAdmin = roomAdmin
        self.roomRecord = roomRecord
        canPublishClaim = canPublish
        canSubscribeClaim = canSubscribe
        canPublishDataClaim = canPublishData
        self.canPublishSources = canPublishSources
    }
}

// MARK: What follows from the claims

extension VideoGrant {
    /// May publish tracks; `true` unless the token says otherwise.
    public var canPublish: Bool {
        get { canPublishClaim ?? true }
        set { canPublishClaim = newValue }
    }

    /// May subscribe to tracks; `true` unless the token says otherwise.
    public var canSubscribe: Bool {
        get { canSubscribeClaim ?? true }
        set { canSubscribeClaim = newValue }
    }

    /// May publish data; as ``canPublish`` unless the token says otherwise.
    public var canPublishData: Bool {
        get { canPublishDataClaim ?? canPublish }
        set { canPublishDataClaim = newValue }
    }

    /// May change his own name, metadata and attributes; `false` unless the token says otherwise.
    public var canUpdateOwnMetadata: Bool {
        get { canUpdateOwnMetadataClaim ?? false }
        set { canUpdateOwnMetadataClaim = newValue }
    }

    /// May receive metrics; `false` unless the token says otherwise.
    public var canSubscribeMetrics: Bool {
        get { canSubscribeMetricsClaim ?? false }
        set { canSubscribeMetricsClaim = newValue }
    }

    /// May manage an agent's session; `false` unless the token says otherwise.
    public var canManageAgentSession: Bool {
        get { canManageAgentSessionClaim ?? false }
        set { canManageAgentSessionClaim = newValue }
    }

    /// Whether a track from this source may be published.
    public func canPublish(source: Livekit_TrackSource) -> Bool {
        canPublish && (canPublishSources.isEmpty || canPublishSources.contains(source))
    }

    /// The permissions inside the room, as the signalling protocol states them.
    public var participantPermission: Livekit_ParticipantPermission {
        var permission = Livekit_ParticipantPermission()
        permission.canSubscribe = canSubscribe
        permission.canPublish = canPublish
        permission.canPublishData = canPublishData
        permission.canPublishSources = canPublishSources
        permission.canUpdateMetadata = canUpdateOwnMetadata
        permission.canSubscribeMetrics = canSubscribeMetrics
        permission.canManageAgentSession = canManageAgentSession
        permission.hidden = hidden
        permission.recorder = recorder
        permission.agent = agent
        return permission
    }
}
