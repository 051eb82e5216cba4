/// Why a request is not a webhook that may be believed.
///
/// Two errors are equal when their codes are: messages are for people.
public struct WebhookError: Error, Sendable {
    /// What is wrong. More may come: switch with a `default`.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The request has no `Authorization` header.
        public static let missingAuthorization = Code(name: "missingAuthorization")
        /// Its token is not signed by a known key, or not valid now.
        public static let invalidToken = Code(name: "invalidToken")
        /// Its token vouches for another body.
        public static let wrongDigest = Code(name: "wrongDigest")
        /// Its body is not an event.
        public static let malformed = Code(name: "malformed")
    }

    /// What a program may act on.
    public let code: Code
    /// For people. Not stable.
    public let message: String
}

extension WebhookError: Equatable {
    /// Compares the codes alone.
    public static func == (left: WebhookError, right: WebhookError) -> Bool { left.code == right.code }
}

extension WebhookError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
