/// How to connect.
public struct ConnectOptions: Hashable, Sendable {
    /// Whether everything that others publish is subscribed to at once.
    public var autoSubscribe: Bool
    /// How long the signalling connection may take, up to the join response.
    public var socketConnectTimeoutInterval: Duration
    /// How long the media connection that receives may take.
    public var primaryTransportConnectTimeout: Duration
    /// How long the media connection that sends may take.
    public var publisherTransportConnectTimeout: Duration
    /// Whether TLS certificates of the server are checked. Only tests with self-made certificates turn it off.
    public var verifiesCertificates: Bool
    /// PEM texts of certificates that vouch for TURN servers and for the server besides the system's: a private
    /// authority's.
    public var additionalTrustRoots: [String]
    /// STUN and TURN servers to be used instead of those that the server names.
    public var iceServers: [IceServer]
    /// Which ways media may take. The server may insist on relays, too.
    public var iceTransportPolicy: IceTransportPolicy

    /// Creates options.
    public init(
        autoSubscribe: Bool = true, socketConnectTimeoutInterval: Duration = .seconds(10),
        primaryTransportConnectTimeout: Duration = .seconds(10),
        publisherTransportConnectTimeout: Duration = .seconds(10), verifiesCertificates: Bool = true,
        additionalTrustRoots: [String] = [], iceServers: [IceServer] = [],
        iceTransportPolicy: IceTransportPolicy = .all
    ) {
        self.autoSubscribe = autoSubscribe
        self.socketConnectTimeoutInterval = socketConnectTimeoutInterval
        self.primaryTransportConnectTimeout = primaryTransportConnectTimeout
        self.publisherTransportConnectTimeout = publisherTransportConnectTimeout
        self.verifiesCertificates = verifiesCertificates
        self.additionalTrustRoots = additionalTrustRoots
        self.iceServers = iceServers
        self.iceTransportPolicy = iceTransportPolicy
    }
}
