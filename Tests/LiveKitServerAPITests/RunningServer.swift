import Foundation
import LiveKitClient
import LiveKitServerAPI
import LiveKitServerKit
import Logging

/// A server in this process on free ports, and its API.
struct RunningServer {
    let url: String
    let api: LiveKitAPI

    static func with(_ body: (RunningServer) async throws -> Void) async throws {
        var configuration = LiveKitServerConfiguration.development
        configuration.port = 0
        configuration.rtc.udpPort = 0
        configuration.bindAddresses = ["127.0.0.1"]
        configuration.logLevel = .critical
        configuration.turn.isEnabled = false
        let server = try await LiveKitServer(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let url = "ws://127.0.0.1:\(try await server.started())"
            do {
                try await body(
                    RunningServer(url: url, api: LiveKitAPI(url: url, apiKey: "devkey", apiSecret: "secret")))
            } catch {
                await server.shutdown()
                throw error
            }
            await server.shutdown()
            try await group.waitForAll()
        }
    }

    func join(_ identity: String, room name: String) async throws -> Room {
        var token = AccessToken(apiKey: "devkey", apiSecret: "secret", identity: identity)
        token.video = VideoGrant(room: name, roomJoin: true)
        let room = Room()
        let now = NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970))
        try await room.connect(url: url, token: try token.jwt(now: now))
        return room
    }
}
