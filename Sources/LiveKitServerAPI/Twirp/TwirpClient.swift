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
    let failover: RegionFailover
    /// Sent with each request, also to other regions and for the list of them.
    let headers: [String: String]

    /// More than any answer holds; an endless one ends here.
    private static let maximumAnswerBytes = 64 * 1024 * 1024
    /// A call's token is valid for so long: the call, its retries by proxies, and clocks that differ.
    private static let tokenLife = Duration.seconds(600)
    /// How the server's logs know who calls.
    static let userAgent = "swift-livekit/0.1.0"

    /// The connections of all clients of the process. It is never shut down, like `HTTPClient.shared`, from which it
    /// differs: a server that is not there is an answer at once, and a token follows no redirection.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    init(
        url: String, apiKey: String, apiSecret: String, timeout: Duration, failover: RegionFailover = RegionFailover(),
        headers: [String: String] = [:]
    ) throws(ServerError) {
        self.url = try ServerURL(url)
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.timeout = timeout
        self.failover = failover
        self.headers = headers
    }

    /// One call, repeated at other regions where the server has them (``RegionFailover``).
    ///
    /// - Throws: ``ServerError``: what the server answered, or what kept it from answering.
    func call<Answer: Message>(
        _ service: String, _ method: String, _ request: some Message, timeout: Duration? = nil,
        _ grant: (inout AccessToken) -> Void
    ) async throws(ServerError) -> Answer {
        let timeout = timeout ?? self.timeout
        let path = "\(url.path)/twirp/livekit.\(service)/\(method)"
        var request = try httpRequest(request, grant)
        var origin = url.origin
        var tried: Set<String> = []
        for attempt in 1...RegionFailover.attempts {
            request.url = origin + path
            tried.insert(origin)
            do {
                return try Self.decode(try await execute(request, timeout).checked())
            } catch {
                let isBoundElsewhere = error.status == RegionFailover.boundElsewhere
                guard failover.concerns(url) || isBoundElsewhere,
                    let pause = failover.pause(after: error, attempt: attempt, timeout: timeout),
                    let next = await regions(request, anew: isBoundElsewhere).first(where: { !tried.contains($0) }),
                    (try? await Task.sleep(for: pause)) != nil
                else { throw error }
                origin = next
            }
        }
        throw ServerError(.unavailable, message: "no region answers")
    }

    private static func decode<Answer: Message>(_ response: Response) throws(ServerError) -> Answer {
        do {
            return try Answer(serializedBytes: response.body)
        } catch {
            throw ServerError(.malformed, message: "the answer could not be decoded", status: response.status)
        }
    }

    private func httpRequest(
        _ message: some Message, _ grant: (inout AccessToken) -> Void
    ) throws(ServerError) -> HTTPClientRequest {
        var token = AccessToken(apiKey: apiKey, apiSecret: apiSecret)
        token.timeToLive = Self.tokenLife
        grant(&token)
        var request = HTTPClientRequest(url: url.origin)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/protobuf")
        request.headers.add(name: "User-Agent", value: Self.userAgent)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        do {
            request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(try token.jwt(now: WallClock.now))")
            let body: [UInt8] = try message.serializedBytes()
            request.body = .bytes(body)
        } catch {
            throw ServerError(.invalidArgument, message: "the request could not be made: \(error)")
        }
        return request
    }

    /// The server's regions, asked for with the headers of a call that failed; what is remembered does not count where it
    /// led astray.
    private func regions(_ call: HTTPClientRequest, anew: Bool) async -> [String] {
        if anew { await RegionDirectory.shared.forget(url) }
        return await RegionDirectory.shared.regions(of: url, now: WallClock.now) { target in
            var request = HTTPClientRequest(url: target)
            request.headers = call.headers
            request.headers.remove(name: "Content-Type")
            let response = try await execute(request, RegionDirectory.timeout).checked()
            return (response.body, response.cacheControl)
        }
    }

    private struct Response: Sendable {
        var status: Int
        var body: [UInt8]
        var cacheControl: String

        /// - Throws: ``ServerError`` unless the status is 200.
        func checked() throws(ServerError) -> Response {
            guard status == 200 else { throw ServerError(status: status, body: body) }
            return self
        }
    }

    private func execute(_ request: HTTPClientRequest, _ timeout: Duration) async throws(ServerError) -> Response {
        do {
            return try await withThrowingTaskGroup(of: Response.self) { group in
                group.addTask {
                    let response = try await Self.http.execute(request, deadline: .distantFuture)
                    let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
                    return Response(
                        status: Int(response.status.code), body: Array(body.readableBytesView),
                        cacheControl: response.headers.first(name: "Cache-Control") ?? "")
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

extension TwirpClient: CustomStringConvertible, CustomReflectable {
    /// Where it calls, and as whom. The secret stays out of logs, whatever holds the client.
    var description: String { "TwirpClient(\(url.origin), \(apiKey))" }

    var customMirror: Mirror { Mirror(self, children: ["url": url.origin, "apiKey": apiKey]) }
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
