/// What a LiveKit server answered instead of a result (Twirp v7 §Errors), or what kept it from answering.
///
/// Two errors are equal when their codes are: messages are for people.
public struct ServerError: Error, Sendable {
    /// Twirp's name for the kind of failure. More may come: switch with a `default`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as it stands on the wire, such as `not_found`.
        public let rawValue: String

        /// Takes a code from the wire, known or not.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The request's fields are wrong.
        public static let invalidArgument = Code(rawValue: "invalid_argument")
        /// The room, participant, track or dispatch does not exist.
        public static let notFound = Code(rawValue: "not_found")
        /// The token is missing, expired or not signed by a known key.
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The token does not hold the grant that the call needs.
        public static let permissionDenied = Code(rawValue: "permission_denied")
        /// A limit was reached.
        public static let resourceExhausted = Code(rawValue: "resource_exhausted")
        /// The server does not have this feature.
        public static let unimplemented = Code(rawValue: "unimplemented")
        /// The server cannot answer now, or nobody listens there.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The calling task was cancelled.
        public static let canceled = Code(rawValue: "canceled")
        /// No answer came in time.
        public static let deadlineExceeded = Code(rawValue: "deadline_exceeded")
        /// What came back was not an answer of a LiveKit server.
        public static let malformed = Code(rawValue: "malformed")
        /// Anything else.
        public static let unknown = Code(rawValue: "unknown")
    }

    /// What a program may act on.
    public let code: Code
    /// The HTTP status of the answer; `nil` where none came.
    public let status: Int?
    /// For people. Not stable.
    public let message: String
    /// What the server told beside the message, by name.
    public let metadata: [String: String]

    /// Creates an error.
    public init(_ code: Code, message: String, status: Int? = nil, metadata: [String: String] = [:]) {
        self.code = code
        self.status = status
        self.message = message
        self.metadata = metadata
    }
}

extension ServerError: Equatable {
    /// Compares the codes alone.
    public static func == (left: ServerError, right: ServerError) -> Bool { left.code == right.code }
}

extension ServerError: CustomStringConvertible {
    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}

/// The name under which other SDKs know ``ServerError``.
public typealias TwirpError = ServerError
