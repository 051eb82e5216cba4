import Foundation
import LiveKitCore
import LiveKitProtobuf
import Logging
import SwiftProtobuf

@testable import LiveKitServerKit

/// Asks until there is something, for five seconds.
func eventually<Value>(_ probe: () async throws -> Value?) async throws -> Value {
    for _ in 0..<500 {
        if let value = try await probe() { return value }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw SignalClient.TimedOut()
}

/// A running server on a free port, with a recording media plane.
struct TestServer: Sendable {
    static let key = "testkey"
    static let secret = "a secret of more than 32 characters"

    let port: Int
    let media: RecordingMediaPlane

    /// Runs a server, hands it to `body`, and shuts it down.
    static func with(
        logger: Logger? = nil, clock: ServerClock = .system, workers: WorkerBackend? = nil,
        _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await withServer(logger: logger, clock: clock, workers: workers, configure) { server, instance in
            try await body(server)
            await instance.shutdown()
        }
    }

    /// Runs a server and hands it to `body`, which must have it end.
    static func withServer(
        logger: Logger? = nil, clock: ServerClock = .system, peers: NodePeers.Ground? = nil,
        workers: WorkerBackend? = nil,
        _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, LiveKitServer) async throws -> Void
    ) async throws {
        var configuration = LiveKitServerConfiguration()
        configuration.port = 0
        configuration.bindAddresses = ["127.0.0.1"]
        configuration.keys = [key: secret]
        configuration.logLevel = logger?.logLevel ?? .critical
        configure(&configuration)
        let media = RecordingMediaPlane()
        let server = try LiveKitServer(
            configuration: configuration, mediaPlane: media, logger: logger, clock: clock, peers: peers,
            workers: workers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.started()
            do {
                try await body(TestServer(port: port, media: media), server)
            } catch {
                await server.shutdown()
                throw error
            }
            try await group.waitForAll()
        }
    }

    static func now() -> NumericDate {
        NumericDate(secondsSinceEpoch: ServerClock.system.unixMilliseconds() / 1000)
    }

    static func token(
        _ identity: String, room: String = "room", _ change: (inout AccessToken) -> Void = { _ in }
    ) throws -> String {
        var token = AccessToken(apiKey: key, apiSecret: secret, identity: identity)
        token.video = VideoGrant(room: room, roomJoin: true)
        change(&token)
        return try token.jwt(now: now())
    }

    static func apiToken(room: String = "room") throws -> String {
        var token = AccessToken(apiKey: key, apiSecret: secret)
        token.video = VideoGrant(room: room, roomCreate: true, roomList: true, roomAdmin: true)
        return try token.jwt(now: now())
    }

    /// A token for egress and ingress.
    static func workerToken() throws -> String {
        var token = AccessToken(apiKey: key, apiSecret: secret)
        var grant = VideoGrant(roomRecord: true)
        grant.ingressAdmin = true
        token.video = grant
        return try token.jwt(now: now())
    }

    func signal(_ identity: String, room: String = "room", query: String = "") async throws -> SignalClient {
        try await SignalClient.connect(
            port: port, path: "/rtc?protocol=16&access_token=\(try Self.token(identity, room: room))\(query)")
    }

    func signal(
        _ identity: String, room: String = "room", joining request: Livekit_JoinRequest
    ) async throws -> SignalClient {
        var wrapped = Livekit_WrappedJoinRequest()
        wrapped.joinRequest = try request.serializedBytes()
        let parameter = (try wrapped.serializedBytes() as Data).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        return try await SignalClient.connect(
            port: port,
            path: "/rtc/v1?access_token=\(try Self.token(identity, room: room))&join_request=\(parameter)")
    }

    func call(
        _ method: String, _ json: String, token: String? = nil, service: String = "RoomService", room: String = "room"
    ) async throws -> HTTPAnswer {
        var headers = ["Content-Type": "application/json"]
        headers["Authorization"] = "Bearer \(try token ?? Self.apiToken(room: room))"
        return try await HTTPClient.request(
            port: port, "POST", "/twirp/livekit.\(service)/\(method)", headers: headers, body: json)
    }

    /// A worker's socket.
    func worker(_ change: (inout AccessToken) -> Void = { _ in }) async throws -> WorkerClient {
        var token = AccessToken(apiKey: Self.key, apiSecret: Self.secret)
        token.video = VideoGrant()
        token.video?.agent = true
        change(&token)
        return try await WorkerClient.connect(
            port: port, path: "/agent?access_token=\(try token.jwt(now: Self.now()))")
    }

    /// The names of the agents that a room asks in.
    func agents(of room: String) async throws -> [String] {
        let answer = try await call(
            "ListDispatch", #"{"room":"\#(room)"}"#, service: "AgentDispatchService", room: room)
        let listed = try Livekit_ListAgentDispatchResponse(jsonString: answer.body)
        return listed.agentDispatches.map(\.agentName)
    }
}
