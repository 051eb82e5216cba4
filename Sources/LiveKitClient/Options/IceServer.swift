/// A STUN or TURN server by which a way to the room's server may be found.
public struct IceServer: Hashable, Sendable {
    /// `stun:`, `turn:` and `turns:` URLs (RFC 7064, RFC 7065), such as `turns:turn.example.com:443?transport=tcp`.
    public var urls: [String]
    /// The user name for TURN.
    public var username: String?
    /// The password for TURN.
    public var credential: String?

    /// Names a server.
    public init(urls: [String], username: String? = nil, credential: String? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }
}

/// Which ways media may take.
public enum IceTransportPolicy: Hashable, Sendable {
    /// Any that works, the most direct one first.
    case all
    /// Through a TURN server only: whom we talk to does not see our addresses.
    case relay
}
