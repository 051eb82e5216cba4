import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: load shedding", .timeLimit(.minutes(1)))
struct LoadSheddingTests {
    @Test("A node over its limit refuses joins with 503 on every path, and nobody who is there")
    func limits() async throws {
        let clock = SteppedClock()
        try await TestServer.with(clock: clock.clock) {
            $0.limits.nodeBytesPerSecond = 1000
        } _: { server in
            let alice = try await server.signal("alice")
            let room = try await alice.join().room.sid
            let media = try #require(server.media.room(room))
            var tally = MediaTally()
            (tally.bytesReceived, tally.bytesSent) = (30_000, 30_000)
            media.report([.tally(tally)])
            // The room takes it in its turn, and it counts once its window is whole.
            var answer: HTTPAnswer
            repeat {
                clock.advance(bySeconds: 2)
                try await Task.sleep(for: .milliseconds(10))
                media.report([.tally(tally)])
                answer = try await Self.validate(server, "/rtc/validate")
            } while answer.status == 200
            #expect(answer.status == 503 && answer.body.contains("limit") && answer.headers["retry-after"] == "30")
            #expect(try await Self.validate(server, "/rtc/v1/validate").status == 503)
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("bob") }
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("bob", joining: Self.request) }
            let upgrade = try await HTTPClient.request(
                port: server.port, "GET", "/rtc?access_token=\(try TestServer.token("bob"))",
                headers: [
                    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                ])
            #expect(upgrade.status == 503 && upgrade.headers["retry-after"] == "30")
            #expect(upgrade.headers["access-control-allow-origin"] == "*")
            // A session is gone on with, or at least told that it is not here.
            _ = try await server.signal("alice", query: "&reconnect=1&sid=PA_other")
            try await alice.ping()
        }
    }

    private static var request: Livekit_JoinRequest {
        var request = Livekit_JoinRequest()
        request.connectionSettings.autoSubscribe = true
        return request
    }

    private static func validate(_ server: TestServer, _ path: String) async throws -> HTTPAnswer {
        var wrapped = Livekit_WrappedJoinRequest()
        wrapped.joinRequest = try request.serializedBytes()
        let parameter = (try wrapped.serializedBytes() as Data).base64EncodedString()
        let token = try TestServer.token("bob")
        let query = path.contains("v1") ? "&join_request=\(parameter.replacingOccurrences(of: "+", with: "-"))" : ""
        return try await HTTPClient.request(port: server.port, "GET", "\(path)?access_token=\(token)\(query)")
    }
}
