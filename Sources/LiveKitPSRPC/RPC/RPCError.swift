internal import LiveKitProtobuf
package import SwiftProtobuf

/// Why a call between nodes failed, here or where it went.
package struct RPCError: Error, Equatable, Sendable {
    /// What kind of failure it is; travels as its text.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package static let canceled = Code(rawValue: "canceled")
        package static let malformedRequest = Code(rawValue: "malformed_request")
        package static let malformedResponse = Code(rawValue: "malformed_result")
        package static let deadlineExceeded = Code(rawValue: "deadline_exceeded")
        package static let unavailable = Code(rawValue: "unavailable")
        package static let unknown = Code(rawValue: "unknown")
        package static let invalidArgument = Code(rawValue: "invalid_argument")
        package static let notFound = Code(rawValue: "not_found")
        package static let notAcceptable = Code(rawValue: "not_acceptable")
        package static let alreadyExists = Code(rawValue: "already_exists")
        package static let permissionDenied = Code(rawValue: "permission_denied")
        package static let resourceExhausted = Code(rawValue: "resource_exhausted")
        package static let failedPrecondition = Code(rawValue: "failed_precondition")
        package static let aborted = Code(rawValue: "aborted")
        package static let outOfRange = Code(rawValue: "out_of_range")
        package static let unimplemented = Code(rawValue: "unimplemented")
        package static let `internal` = Code(rawValue: "internal")
        package static let dataLoss = Code(rawValue: "data_loss")
        package static let unauthenticated = Code(rawValue: "unauthenticated")
        package static let unprocessableEntity = Code(rawValue: "unprocessable_entity")
        package static let upstreamServerError = Code(rawValue: "upstream_server_error")
        package static let upstreamClientError = Code(rawValue: "upstream_client_error")
    }

    package var code: Code
    package var message: String
    /// Whatever the other side added, as it came.
    package var details: [Google_Protobuf_Any] = []
    /// Whether nobody took the request, so that it was not done. This side alone can say so; it does not travel.
    package private(set) var isUnclaimed = false

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Who asked has gone.
    package static let requestCanceled = RPCError(.canceled, "request canceled")
    /// No answer within the request's time.
    package static let requestTimedOut = RPCError(.deadlineExceeded, "request timed out")
    /// Nobody would take the request.
    package static let noResponse = unclaimed("no response from servers")
    /// The stream was closed in good order.
    package static let streamClosed = RPCError(.canceled, "stream closed")
    /// The server that held the stream shut down. Its text is that of Go's `io.EOF`.
    package static let streamEnded = RPCError(.unavailable, "EOF")
    /// What came was not taken, because the reader is behind.
    package static let slowConsumer = RPCError(.unavailable, "stream message discarded by slow consumer")
}

extension RPCError {
    /// Nobody took the request, for which there are words.
    static func unclaimed(_ message: String) -> RPCError {
        var error = RPCError(.unavailable, message)
        error.isUnclaimed = true
        return error
    }

    /// Whether another try may do better, and does nothing twice: a server that was chosen may have done what it was
    /// asked, whether it was silent or answered that it is unavailable. (psrpc's own retries do not ask that.)
    package func isTransient(claimed: Bool) -> Bool { isUnclaimed || !claimed && code == .deadlineExceeded }

    init(_ error: MessageBusError) {
        switch error {
        case .unreachable(let why): self.init(.internal, "the message bus cannot be reached: \(why)")
        case .closed: self.init(.internal, "the message bus is closed")
        case .overloaded: self.init(.internal, "too much waits for the message bus")
        }
    }

    /// What a response says, if it says that the call failed.
    init?(_ response: PSRPCResponse) {
        guard !response.error.isEmpty else { return nil }
        self.init(response.code.isEmpty ? .unknown : Code(rawValue: response.code), response.error)
        details = response.errorDetails
    }
}
