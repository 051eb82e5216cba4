internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// A failed API call in twirp's form (Twirp v7 §Errors): a code, its HTTP status and a JSON body.
struct TwirpError: Error, Hashable, Sendable {
    enum Code: String, Hashable, Sendable, CaseIterable {
        case canceled
        case unknown
        case invalidArgument = "invalid_argument"
        case malformed
        case deadlineExceeded = "deadline_exceeded"
        case notFound = "not_found"
        case badRoute = "bad_route"
        case alreadyExists = "already_exists"
        case permissionDenied = "permission_denied"
        case unauthenticated
        case resourceExhausted = "resource_exhausted"
        case failedPrecondition = "failed_precondition"
        case aborted
        case outOfRange = "out_of_range"
        case unimplemented
        case `internal`
        case unavailable
        case dataLoss = "data_loss"

        var status: HTTPResponse.Status {
            switch self {
            case .canceled, .deadlineExceeded: .requestTimeout
            case .invalidArgument, .malformed, .outOfRange: .badRequest
            case .notFound, .badRoute: .notFound
            case .alreadyExists, .aborted: .conflict
            case .permissionDenied: .forbidden
            case .unauthenticated: .unauthorized
            case .resourceExhausted: .tooManyRequests
            case .failedPrecondition: .preconditionFailed
            case .unimplemented: .notImplemented
            case .unavailable: .serviceUnavailable
            case .unknown, .internal, .dataLoss: .internalServerError
            }
        }
    }

    let code: Code
    let message: String
    /// What a program may want to know besides.
    var metadata: [String: String] = [:]

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The answer, always JSON, whatever form the request had.
    var response: Response {
        struct Body: Encodable {
            var code: String
            var msg: String
            var meta: [String: String]?
        }
        let encoded = try? JSONEncoder().encode(
            Body(code: code.rawValue, msg: message, meta: metadata.isEmpty ? nil : metadata))
        return Response(
            status: code.status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: encoded ?? Data("{}".utf8))))
    }
}
