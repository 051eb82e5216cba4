/// What one side of a session says about it: the Session Description Protocol's text as a value.
///
/// It owns the form, not the meaning: offers and answers are the negotiation's.
///
/// - SeeAlso: [RFC 8866](https://www.rfc-editor.org/rfc/rfc8866).
public struct SessionDescription: Hashable, Sendable {
    /// `v=`, always 0.
    public var version: UInt8 = 0
    /// `o=`: who made the description, and which edition of it this is.
    public var origin: Origin
    /// `s=`.
    public var sessionName: String
    /// `i=`.
    public var information: String?
    /// `u=`.
    public var uri: String?
    /// `e=`, any number.
    public var emailAddresses: [String] = []
    /// `p=`, any number.
    public var phoneNumbers: [String] = []
    /// `c=` for all media that have none of their own.
    public var connection: ConnectionData?
    /// `b=`, any number.
    public var bandwidths: [Bandwidth] = []
    /// `t=`, each with its `r=` lines. The RFC demands one; some senders leave it out.
    public var timing: [Timing]
    /// `z=`.
    public var timeZones: String?
    /// `k=`, obsolete.
    public var encryptionKey: String?
    /// The session's `a=` lines.
    public var attributes: SDPAttributes
    /// The `m=` sections.
    public var media: [MediaDescription]

    /// A description of an unbounded session, as WebRTC has them.
    public init(
        origin: Origin, sessionName: String = "-", timing: [Timing] = [Timing()], attributes: SDPAttributes = [],
        media: [MediaDescription] = []
    ) {
        self.origin = origin
        self.sessionName = sessionName
        self.timing = timing
        self.attributes = attributes
        self.media = media
    }
}

extension SessionDescription {
    /// `o=` (RFC 8866 §5.2).
    public struct Origin: Hashable, Sendable {
        /// The user's login, `-` for none.
        public var username: String
        /// What makes the session unique.
        public var sessionID: UInt64
        /// Counts the editions of the description.
        public var sessionVersion: UInt64
        /// The network type, `IN`.
        public var networkType: String
        /// The address type, `IP4` or `IP6`.
        public var addressType: String
        /// The address of the machine; WebRTC hides it behind 127.0.0.1.
        public var address: String

        /// An origin that tells nothing but the session and its edition.
        public init(
            username: String = "-", sessionID: UInt64, sessionVersion: UInt64, networkType: String = "IN",
            addressType: String = "IP4", address: String = "127.0.0.1"
        ) {
            self.username = username
            self.sessionID = sessionID
            self.sessionVersion = sessionVersion
            self.networkType = networkType
            self.addressType = addressType
            self.address = address
        }
    }

    /// `t=` with its `r=` lines (RFC 8866 §5.9, §5.10).
    public struct Timing: Hashable, Sendable {
        /// NTP seconds; 0 for always.
        public var start: UInt64
        /// NTP seconds; 0 for never.
        public var stop: UInt64
        /// The `r=` values as text.
        public var repeats: [String] = []

        /// By default a session without bounds.
        public init(start: UInt64 = 0, stop: UInt64 = 0) {
            self.start = start
            self.stop = stop
        }
    }
}

/// `c=` (RFC 8866 §5.7).
public struct ConnectionData: Hashable, Sendable {
    /// The network type, `IN`.
    public var networkType: String
    /// The address type, `IP4` or `IP6`.
    public var addressType: String
    /// The address.
    public var address: String

    /// By default the unspecified address, as ICE's users write it.
    public init(networkType: String = "IN", addressType: String = "IP4", address: String = "0.0.0.0") {
        self.networkType = networkType
        self.addressType = addressType
        self.address = address
    }
}

/// `b=` (RFC 8866 §5.8).
public struct Bandwidth: Hashable, Sendable {
    /// `AS` in kilobits, `TIAS` in bits for each second, ...
    public var type: String
    /// The number.
    public var value: UInt64

    /// A bandwidth line.
    public init(type: String, value: UInt64) {
        self.type = type
        self.value = value
    }
}
