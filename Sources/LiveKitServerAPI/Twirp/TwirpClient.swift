internal import AsyncHTTPClient
internal import Foundation
internal import LiveKitCore
internal import NIOCore
internal import NIOHTTP1
internal import SwiftProtobuf

/// Calls methods of a server's services (Twirp v7, protobuf), each with a token of its own that grants what the call
/// needs and nothing else.
struct TwirpClient: Sendable {
    let url: ServerURL
    let apiKey: String
    let apiSecret: String
    let timeout: Duration

    /// More than any answer holds; an endless one ends here.
    private static let maximumAnswerBytes = 64 * 1024 * 1024
    /// A call's token is valid for so long: the call, its retries by proxies, and clocks that differ.
    private static let tokenLife = Duration.seconds(600)

    init(url: String, apiKey: String, apiSecret: String, timeout: Duration) throws(ServerError) {
        self.url = try ServerURL(url)
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.timeout = timeout
    }

    /// One call.
    ///
    /// - Throws: ``ServerError``: what the server answered, or what kept it from answering.
    func call<Answer: Message>(
        _ service: String, _ method: String, _ request: some Message, timeout: Duration? = nil,
        _ grant: (inout AccessToken) -> Void
    ) async throws(ServerError) -> Answer {
        let request = try httpRequest("\(url.base)/twirp/livekit.\(service)/\(method)", request, grant)
        let (status, body) = try await execute(request, timeout ?? self.timeout)
        guard status == 200 else { throw ServerError(status: status, body: body) }
        do {
            return try Answer(serializedBytes: body)
        } catch {
            throw ServerError(.malformed, message: "the answer could not be decoded", status: status)
        }
    }

    private func httpRequest(
        _ target: String, _ message: some Message, _ grant: (inout AccessToken) -> Void
    ) throws(ServerError) -> HTTPClientRequest {
        var token = AccessToken(apiKey: apiKey, apiSecret: apiSecret)
        token.timeToLive = Self.tokenLife
        grant(&token)
        var request = HTTPClientRequest(url: target)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/protobuf")
        request.headers.add(name: "User-Agent", value: "swift-livekit/0.1.0")
        do {
            request.headers.add(name: "Authorization", value: "Bearer \(try token.jwt(now: WallClock.now))")
            let body: [UInt8] = try message.serializedBytes()
            request.body = .bytes(body)
        } catch {
            throw ServerError(.invalidArgument, message: "the request could not be made: \(error)")
        }
        return request
    }

    private func execute(_ request: HTTPClientRequest, _ timeout: Duration) async throws(ServerError) -> (Int, [UInt8])
    {
        do {
            return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                group.addTask {
                    let response = try await HTTPClient.shared.execute(request, deadline: .distantFuture)
                    let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
                    return (Int(response.status.code), Array(body.readableBytesView))
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw ServerError(.deadlineExceeded, message: "no answer within \(timeout)")
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw CancellationError() }
                return answer
            }
        } catch let error as ServerError {
            throw error
        } catch is NIOTooManyBytesError {
            throw ServerError(.malformed, message: "the answer is too large")
        } catch {
            guard !Task.isCancelled else { throw ServerError(.canceled, message: "the call was cancelled") }
            throw ServerError(.unavailable, message: "the server cannot be reached: \(error)")
        }
    }
}

extension ServerError {
    /// Reads a twirp error; what another program between here and the server answered is told by its status.
    init(status: Int, body: [UInt8]) {
        struct Body: Decodable {
            var code: String
            var msg: String?
            var meta: [String: String]?
        }
        if let error = try? JSONDecoder().decode(Body.self, from: Data(body)) {
            self.init(
                Code(rawValue: error.code), message: error.msg ?? "", status: status, metadata: error.meta ?? [:])
            return
        }
        let code: Code =
            switch status {
            case 400: .invalidArgument
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .notFound
            case 408, 504: .deadlineExceeded
            case 413, 429: .resourceExhausted
            case 501: .unimplemented
            case 502, 503: .unavailable
            default: .unknown
            }
        self.init(code, message: String(decoding: body.prefix(200), as: UTF8.self), status: status)
    }
}
