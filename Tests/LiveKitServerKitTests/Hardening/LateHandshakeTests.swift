import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: a connection that has served requests before", .timeLimit(.minutes(1)))
struct LateHandshakeTests {
    private static let health = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func handshake(_ token: String) -> String {
        "GET /rtc?protocol=16&access_token=\(token) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    }

    @Test("A handshake may come behind plain requests, as a proxy with a pool sends it", arguments: [1, 3])
    func upgrades(_ requests: Int) async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) { server in
            let before = Array(repeating: Self.health, count: requests).joined()
            let pieces = [before + Self.handshake(try TestServer.token("alice"))]
            let outcome = try await RawConnection.exchange(
                port: server.port, pieces.map { Array($0.utf8) } + [RawFrame.close(1000)],
                pause: .milliseconds(500), limit: .seconds(20))
            #expect(outcome.statuses == Array(repeating: 200, count: requests) + [101], "\(outcome.text)")
            let upgraded = try #require(outcome.bytes.firstRange(of: Array("HTTP/1.1 101".utf8)))
            let frames = RawFrames(Array(outcome.bytes[upgraded.lowerBound...])).frames
            #expect(frames.first?.opcode == 2)
            #expect(outcome.isClosed)
        }
        let connected = log.text.split(separator: "\n").filter { $0.contains("client connected") }
        #expect(connected.count == 1 && connected.allSatisfy { $0.contains("\"address\": 127.0.0.1") }, "\(connected)")
    }

    @Test("One that is refused says why, and ends the connection")
    func refuses() async throws {
        try await TestServer.with { server in
            let outcome = try await RawConnection.exchange(port: server.port, Self.health + Self.handshake("x"))
            #expect(outcome.statuses == [200, 401] && outcome.isClosed)
            #expect(outcome.text.contains("Connection: close") || outcome.text.contains("connection: close"))
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
        }
    }

    @Test(
        "Behind a request for a protocol that is not served nothing is read, and its answer says so", arguments: [0, 2])
    func declines(_ requests: Int) async throws {
        try await TestServer.with { server in
            let before = Array(repeating: Self.health, count: requests).joined()
            let h2c =
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABk\r\n\r\n"
            let outcome = try await RawConnection.exchange(
                port: server.port, [Array((before + h2c).utf8)], limit: .seconds(20)
            ) { $0.statuses.count == requests + 1 && $0.text.hasSuffix("OK") }
            #expect(outcome.statuses == Array(repeating: 200, count: requests + 1))
            #expect(outcome.text.lowercased().ranges(of: "connection: close").count == 1)
        }
    }
}
