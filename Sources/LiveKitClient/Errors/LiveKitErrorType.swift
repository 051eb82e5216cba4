internal import LiveKitProtobuf

/// The kinds of ``LiveKitError``, for a program to switch over. New ones may appear in a minor release.
///
/// The numbers are those of LiveKit's Swift SDK.
public struct LiveKitErrorType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int

    /// Wraps the number.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// No other kind fits.
    public static let unknown = Self(rawValue: 0)
    /// The task that waited was cancelled, or the room was closed meanwhile.
    public static let cancelled = Self(rawValue: 100)
    /// Something took too long.
    public static let timedOut = Self(rawValue: 101)
    /// The server's URL cannot be understood.
    public static let failedToParseURL = Self(rawValue: 102)
    /// A message could not be written or read.
    public static let failedToConvertData = Self(rawValue: 103)
    /// The call does not fit the state that the room or the track is in.
    public static let invalidState = Self(rawValue: 104)
    /// A parameter is out of range.
    public static let invalidParameter = Self(rawValue: 105)
    /// Offer and answer, ICE, DTLS or a data channel failed.
    public static let webRTC = Self(rawValue: 201)
    /// The signalling connection failed.
    public static let network = Self(rawValue: 301)
    /// The server refused to let the participant join.
    public static let validation = Self(rawValue: 302)
    /// There is no LiveKit server at the URL.
    public static let serviceNotFound = Self(rawValue: 303)
    /// Another participant joined under the same identity.
    public static let duplicateIdentity = Self(rawValue: 500)
    /// The server shut down.
    public static let serverShutdown = Self(rawValue: 501)
    /// The participant was removed through the room's API.
    public static let participantRemoved = Self(rawValue: 502)
    /// The room was deleted.
    public static let roomDeleted = Self(rawValue: 503)
    /// Server and client disagree about what was published or subscribed to.
    public static let stateMismatch = Self(rawValue: 504)
    /// The participant never became active.
    public static let joinFailure = Self(rawValue: 505)
    /// The token does not permit it.
    public static let insufficientPermissions = Self(rawValue: 506)
    /// The server answered no ping.
    public static let serverPingTimedOut = Self(rawValue: 601)
    /// Nobody here can encode or decode the codec.
    public static let codecNotSupported = Self(rawValue: 901)

    private static let names: [LiveKitErrorType: String] = [
        .unknown: "unknown", .cancelled: "cancelled", .timedOut: "timed out",
        .failedToParseURL: "the URL cannot be understood", .failedToConvertData: "data cannot be converted",
        .invalidState: "invalid state", .invalidParameter: "invalid parameter", .webRTC: "WebRTC failed",
        .network: "network error", .validation: "the server refused", .serviceNotFound: "service not found",
        .duplicateIdentity: "duplicate identity", .serverShutdown: "the server shut down",
        .participantRemoved: "the participant was removed", .roomDeleted: "the room was deleted",
        .stateMismatch: "state mismatch", .joinFailure: "joining failed",
        .insufficientPermissions: "insufficient permissions", .serverPingTimedOut: "the server answers no pings",
        .codecNotSupported: "the codec is not supported",
    ]

    /// The kind in words.
    public var description: String { Self.names[self] ?? "error \(rawValue)" }
}
