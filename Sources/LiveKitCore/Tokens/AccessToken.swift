public import LiveKitProtobuf

/// A token to be made: what its holder is and may do, signed with an API key's secret.
///
/// ```swift
/// var token = AccessToken(apiKey: key, apiSecret: secret, identity: "alice")
/// token.video = VideoGrant(room: "kitchen", roomJoin: true)
/// let text = try token.jwt(now: now)
/// ```
public struct AccessToken: Sendable {
    /// Fewer bytes than HMAC-SHA256 produces make a secret easier to guess than a signature (RFC 7518 §3.2).
    public static let recommendedSecretBytes = 32
    /// How long a token is valid unless said otherwise: six hours.
    public static let defaultTimeToLive: Duration = .seconds(6 * 60 * 60)

    /// The API key, which becomes the token's issuer.
    public let apiKey: String
    private let apiSecret: String

    /// The participant's identity. Needed for joining a room.
    public var identity: String
    /// The participant's display name.
    public var name = ""
    /// How long the token is valid, from the time it is signed.
    public var timeToLive = AccessToken.defaultTimeToLive
    /// The participant's metadata.
    public var metadata = ""
    /// The participant's attributes.
    public var attributes: [String: String] = [:]
    /// What kind of participant it is.
    public var kind = Livekit_ParticipantInfo.Kind.standard
    /// More about the kind.
    public var kindDetails: [Livekit_ParticipantInfo.KindDetail] = []
    /// The SHA-256 digest of a message that the token vouches for, in base64. Used by webhooks.
    public var sha256 = ""
    /// The name of a room configuration that the server holds.
    public var roomPreset = ""
    /// How to configure the room, where joining creates it.
    public var roomConfiguration: Livekit_RoomConfiguration?
    /// Whether ``roomConfiguration`` may hold credentials for storage. A token is signed but not encrypted:
    /// its holder, who may be a browser, can read them.
    public var allowsStorageCredentials = false

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

    /// Creates a token that grants nothing yet.
    ///
    /// - Parameters:
    ///   - apiKey: The API key.
    ///   - apiSecret: The API key's secret. Any length works; see ``isSecretShort``.
    ///   - identity: The participant's identity; may stay empty in a token that does not join a room.
    public init(apiKey: String, apiSecret: String, identity: String = "") {
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.identity = identity
    }

    /// Creates a token that says what another one said, to be signed anew with its own time to live.
    ///
    /// - Parameters:
    ///   - apiKey: The API key.
    ///   - apiSecret: The API key's secret.
    ///   - claims: What a verified token said. Its issuer and its dates are not taken over, and storage
    ///     credentials in its room configuration are allowed, because its holder has them already.
    public init(apiKey: String, apiSecret: String, renewing claims: TokenClaims) {
        self.init(apiKey: apiKey, apiSecret: apiSecret, identity: claims.identity)
        name = claims.name
        metadata = claims.metadata
        attributes = claims.attributes
        kind = claims.kind
        kindDetails = claims.kindDetails
        sha256 = claims.sha256
        roomPreset = claims.roomPreset
        roomConfiguration = claims.roomConfiguration
        allowsStorageCredentials = true
        video = claims.video
        sip = claims.sip
        agent = claims.agent
        inference = claims.inference
        observability = claims.observability
    }

    /// Whether the secret is shorter than ``recommendedSecretBytes``. It works; the server's operator should know.
    public var isSecretShort: Bool {
        apiSecret.utf8.count < Self.recommendedSecretBytes
    }

    /// What the token will say when it is signed at a time.
    public func claims(now: NumericDate) -> TokenClaims {
        var claims = TokenClaims(expiresAt: now.advanced(bySeconds: timeToLive.components.seconds))
        claims.issuer = apiKey
        claims.identity = identity
        claims.notBefore = now
        claims.name = name
        claims.kind = kind
        claims.kindDetails = kindDetails
        claims.metadata = metadata
        claims.attributes = attributes
        claims.sha256 = sha256
        claims.roomPreset = roomPreset
        claims.roomConfiguration = roomConfiguration
        claims.video = video
        claims.sip = sip
        claims.agent = agent
        claims.inference = inference
        claims.observability = observability
        return claims
    }

    /// Signs the token.
    ///
    /// - Parameter now: The present; the token is valid from then on, for ``timeToLive``.
    /// - Returns: The token in compact form, for an `Authorization` header or a query parameter.
    /// - Throws: ``TokenError`` with ``TokenError/Code/emptySecret``, with ``TokenError/Code/missingClaim`` when
    ///   there is no API key, or no identity or room to join with, or with
    ///   ``TokenError/Code/storageCredentials``.
    public func jwt(now: NumericDate) throws(TokenError) -> String {
        guard !apiSecret.isEmpty else { throw TokenError(.emptySecret) }
        guard !apiKey.isEmpty else { throw TokenError(.missingClaim, claim: "iss") }
        if let video, video.roomJoin {
            guard !identity.isEmpty else { throw TokenError(.missingClaim, claim: "sub") }
            guard !video.room.isEmpty else { throw TokenError(.missingClaim, claim: "room") }
        }
        if let roomConfiguration, !allowsStorageCredentials, try roomConfiguration.holdsStorageCredentials() {
            throw TokenError(.storageCredentials, claim: "roomConfig")
        }
        return try JSONWebSignature.sign(claims(now: now).object(), with: apiSecret)
    }
}

extension AccessToken: CustomStringConvertible, CustomReflectable {
    /// The API key and the identity. The secret stays out of logs.
    public var description: String { "AccessToken(apiKey: \(apiKey), identity: \(identity))" }

    /// The API key and the identity, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: ["apiKey": apiKey, "identity": identity]) }
}
