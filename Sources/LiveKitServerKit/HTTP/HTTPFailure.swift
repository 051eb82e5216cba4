internal import HTTPTypes

/// A request that is answered with a status and a sentence.
struct HTTPFailure: Error, Equatable, Sendable {
    let status: HTTPResponse.Status
    let message: String
    /// When it is worth while to come back, in seconds.
    var retryAfter: Int?

    static func badRequest(_ message: String) -> Self { Self(status: .badRequest, message: message) }
    static func unauthorized(_ message: String) -> Self { Self(status: .unauthorized, message: message) }
    /// A token's text is too long.
    static func exceeding(_ what: String, _ limit: Int) -> Self { .badRequest("\(what): max length \(limit)") }
    static func notFound(_ message: String) -> Self { Self(status: .notFound, message: message) }

    init(status: HTTPResponse.Status, message: String) {
        self.status = status
        self.message = message
    }

    init(_ shedding: JoinShedding) {
        switch shedding {
        case .overloaded(let seconds), .crowded(let seconds):
            self.init(status: .serviceUnavailable, message: "server has too many joins under way, try again later")
            retryAfter = seconds
        case .tracks, .traffic:
            self.init(status: .serviceUnavailable, message: "server has reached its limit, try again later")
            retryAfter = Self.fullNodeRetry
        }
    }

    /// Tracks end, and traffic falls, as people leave; that takes its time.
    private static let fullNodeRetry = 30

    init(_ refusal: JoinRefusal) {
        switch refusal {
        case .roomFull: self.init(status: .tooManyRequests, message: "room has exceeded its max participants")
        case .identityInUse: self.init(status: .conflict, message: "identity is in use")
        case .tokenRevoked: self = .unauthorized("token is revoked")
        case .roomNotFound: self = .notFound("requested room does not exist")
        case .roomClosed, .unavailable: self.init(status: .serviceUnavailable, message: "server does not take more")
        case .invalid(let message): self = .badRequest(message)
        }
    }
}
