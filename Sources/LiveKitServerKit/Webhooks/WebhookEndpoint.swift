internal import AsyncHTTPClient
internal import Foundation
internal import LiveKitCore
internal import NIOCore
internal import NIOHTTP1

/// Posts one body to one URL, signed as LiveKit signs webhooks.
struct WebhookEndpoint: Sendable {
    let url: String
    let apiKey: String
    let apiSecret: String
    let client: HTTPClient
    let clock: ServerClock

    static let contentType = "application/webhook+json"

    private struct TimedOut: Error {}

    /// One try. Whatever keeps the endpoint from answering in time is a failure that may pass.
    func post(_ body: [UInt8]) async -> WebhookJournal.Outcome {
        do {
            let status = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await self.send(body) }
                group.addTask {
                    try await Task.sleep(for: WebhookBounds.requestTimeout)
                    throw TimedOut()
                }
                defer { group.cancelAll() }
                guard let status = try await group.next() else { throw TimedOut() }
                return status
            }
            return Self.outcome(status)
        } catch {
            return .failed
        }
    }

    private func send(_ body: [UInt8]) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Authorization", value: try signature(of: body))
        request.headers.add(name: "Content-Type", value: Self.contentType)
        request.headers.add(name: "User-Agent", value: "LiveKit")
        request.body = .bytes(body)
        let response = try await client.execute(request, deadline: .distantFuture)
        // Read to its end if it is short; the connection serves the next event then.
        _ = try? await response.body.collect(upTo: WebhookBounds.answerBytes)
        return Int(response.status.code)
    }

    /// A token without "Bearer", whose claim `sha256` is the body's digest.
    func signature(of body: [UInt8]) throws -> String {
        var token = AccessToken(apiKey: apiKey, apiSecret: apiSecret)
        token.sha256 = MessageDigest.sha256(body)
        token.timeToLive = .seconds(WebhookBounds.tokenSeconds)
        return try token.jwt(now: NumericDate(secondsSinceEpoch: clock.unixMilliseconds() / 1000))
    }

    private static func outcome(_ status: Int) -> WebhookJournal.Outcome {
        switch status {
        case 200..<300: .delivered
        // The endpoint is overloaded, or broken for now.
        case 408, 425, 429, 500, 502...: .failed
        default: .refused
        }
    }
}
