import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: hostile HTTP at the ports for operators", .timeLimit(.minutes(2)))
struct OperatorPortTests {
    private static let path = "/metrics"

    private static func with(
        _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (_ server: TestServer, _ port: Int) async throws -> Void
    ) async throws {
        let port = try FreePort.find()
        try await TestServer.with {
            $0.prometheus.port = port
            configure(&$0)
        } _: { server in
            // The main port may be ready first.
            _ = try await eventually { try? await HTTPClient.request(port: port, "GET", path) }
            try await body(server, port)
        }
    }

    @Test("Who does not finish a header or a body in time is closed, and counted")
    func slow() async throws {
        let limits: [(WritableKeyPath<LiveKitServerConfiguration.Timeouts, Duration>, String, String)] = [
            (\.requestHead, "GET /met", "slow_header"),
            (\.requestBody, "POST \(Self.path) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "slow_body"),
        ]
        for (timeout, text, reason) in limits {
            try await Self.with {
                // Long enough for the requests that are not slow, on a busy machine too.
                $0.timeouts[keyPath: timeout] = .seconds(3)
            } _: { _, port in
                let outcome = try await RawConnection.exchange(port: port, text, limit: .seconds(60))
                #expect(outcome.isClosed)
                let page = try await HTTPClient.request(port: port, "GET", Self.path)
                #expect(page.body.contains("reason=\"\(reason)\"} 1\n"))
            }
        }
    }

    @Test("Headers and bodies are bounded, and what is no request is refused")
    func bounds() async throws {
        try await Self.with { _, port in
            let field = String(repeating: "x", count: 40_000)
            for (text, status) in [
                ("GET \(Self.path) HTTP/1.1\r\nHost: a\r\nX-Field: \(field)\r\n\r\n", 431),
                ("POST \(Self.path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 20000\r\n\r\n", 413),
                ("garbage\r\n\r\n", 400),
            ] {
                let outcome = try await RawConnection.exchange(port: port, text)
                #expect(outcome.statuses == [status] && outcome.isClosed)
            }
        }
    }

    @Test("A handshake for signalling is answered as a request, and what follows it is not kept without end")
    func handshake() async throws {
        try await Self.with {
            $0.timeouts.requestHead = .zero
        } _: { _, port in
            let upgrade =
                "GET /rtc HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
            let answered = try await RawConnection.exchange(
                port: port, [Array(upgrade.utf8)], until: { !$0.statuses.isEmpty })
            #expect(answered.statuses == [404])
            let flood = Array(repeating: Array(repeating: UInt8(1), count: 50_000), count: 20)
            let outcome = try await RawConnection.exchange(
                port: port, [Array(upgrade.utf8)] + flood, pause: .milliseconds(10), limit: .seconds(60))
            #expect(outcome.isClosed)
        }
    }

    @Test("So many connections at once, and not more; the main port does not notice")
    func crowd() async throws {
        try await Self.with { server, port in
            try await withThrowingTaskGroup(of: RawConnection.Outcome.self) { group in
                for _ in 0...HTTPBounds.operatorConnections {
                    group.addTask { try await RawConnection.exchange(port: port, [], limit: .seconds(60)) }
                }
                let first = try await group.next()
                #expect(first?.isClosed == true && first?.bytes.isEmpty == true)
                #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
                group.cancelAll()
            }
            _ = try await eventually { try? await HTTPClient.request(port: port, "GET", Self.path) }
        }
    }
}
