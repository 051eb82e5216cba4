internal import HTTPTypes
internal import LiveKitPSRPC

extension RPCError {
    /// What a refused join is called between nodes. The status that it has in HTTP follows from its code.
    init(_ failure: HTTPFailure) {
        let code: Code =
            switch failure.status {
            case .badRequest: .invalidArgument
            case .unauthorized: .unauthenticated
            case .notFound: .notFound
            case .conflict: .alreadyExists
            case .tooManyRequests: .resourceExhausted
            case .serviceUnavailable: .unavailable
            default: .internal
            }
        self.init(code, failure.message)
    }

    /// The room is elsewhere, or nowhere. livekit-server's words.
    static let notTheRoomsNode = RPCError(.unavailable, "current node isn't the RTC node for the room")

    /// Whether a join that failed for it may do better at once: when no node answered, or the wrong one. What the room's
    /// node refuses it would refuse again.
    var asksForAnotherTry: Bool {
        isUnclaimed || code == .deadlineExceeded || self == .streamEnded || self == .notTheRoomsNode
    }

    /// The status of HTTP that psrpc gives a code.
    var status: HTTPResponse.Status {
        switch code {
        case .invalidArgument, .malformedRequest: .badRequest
        case .notFound: .notFound
        case .notAcceptable: .notAcceptable
        case .alreadyExists, .aborted: .conflict
        case .permissionDenied: .forbidden
        case .resourceExhausted: .tooManyRequests
        case .failedPrecondition: .preconditionFailed
        case .outOfRange: .rangeNotSatisfiable
        case .unimplemented: .notImplemented
        case .canceled, .deadlineExceeded, .unavailable: .serviceUnavailable
        case .unauthenticated: .unauthorized
        case .unprocessableEntity: .unprocessableContent
        case .upstreamServerError: .badGateway
        case .upstreamClientError: HTTPResponse.Status(code: 424)
        default: .internalServerError
        }
    }
}

extension HTTPFailure {
    /// Why the room's node does not let somebody in, or cannot be asked.
    init(_ error: RPCError) {
        self.init(status: error.status, message: error.message)
        if status == .serviceUnavailable { retryAfter = Self.otherNodeRetry }
    }

    /// The other node's own number does not travel.
    private static let otherNodeRetry = 5
}
