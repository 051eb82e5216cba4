public import LiveKitProtobuf

/// What a token says: who its holder is, what he may do, and for how long.
public struct TokenClaims: Hashable, Sendable {
    /// The API key whose secret signed the token (`iss`).
    public var issuer = ""
    /// The participant's identity (`sub`, or `jti` where there is no `sub`).
    public var identity = ""
    /// When the token ceases to be valid (`exp`).
    public var expiresAt: NumericDate
    /// When the token becomes valid (`nbf`).
    public var notBefore: NumericDate?

    /// The participant's display name.
    public var name = ""
    /// What kind of participant it is.
    public var kind = Livekit_ParticipantInfo.Kind.standard
    /// More about the kind.
    public var kindDetails: [Livekit_ParticipantInfo.KindDetail] = []
    /// The participant's metadata.
    public var metadata = ""
    /// The participant's attributes.
    public var attributes: [String: String] = [:]
    /// The SHA-256 digest of a message that the token vouches for, in base64. Used by webhooks.
    public var sha256 = ""
    /// The name of a room configuration that the server holds.
    public var roomPreset = ""
    /// How to configure the room, where joining creates it.
    public var roomConfiguration: Livekit_RoomConfiguration?

    /// What the holder may do with rooms.
    public var video: VideoGrant?
    /// What the holder may do with SIP.
    public var sip: SIPGrant?
    /// What the holder may do with agents.
    public var agent: AgentGrant?
    /// What the holder may do with the inference service.
    public var inference: InferenceGrant?
    /// What the holder may do with observability data.
    public var observability: ObservabilityGrant?

    /// Creates claims that say nothing but when they expire.
    public init(expiresAt: NumericDate) {
        self.expiresAt = expiresAt
    }
}
