import LiveKitCore
import LiveKitProtobuf
import NIOCore
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: hostile HTTP", .timeLimit(.minutes(2)))
struct HTTPHardeningTests {
    @Test(
        "Requests that could be smuggled are refused and end the connection (RFC 9112 §6.3, §11.2)",
        arguments: [
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1e2\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b: c\nY: \0\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "garbage\r\n\r\n",
        ])
    func smuggling(_ request: String) async throws {
        try await TestServer.with { server in
            let outcome = try await RawConnection.exchange(
                port: server.port, request + "GET /rtc/validate HTTP/1.1\r\nHost: smuggled\r\n\r\n", limit: .seconds(5))
            #expect(outcome.isClosed)
            // One refusal at most, and never an answer to what was smuggled behind it.
            #expect(outcome.statuses.count <= 1 && outcome.statuses.allSatisfy { $0 == 400 }, "\(outcome.text)")
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
        }
    }

    @Test("A header over 32 KiB is refused, one below it is read")
    func largeHeaders() async throws {
        try await TestServer.with { server in
            for (bytes, status) in [(30_000, 200), (40_000, 431), (200_000, 431)] {
                let field = String(repeating: "x", count: bytes)
                let outcome = try await RawConnection.exchange(
                    port: server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Field: \(field)\r\n\r\n")
                #expect(outcome.statuses == [status] || (status == 431 && outcome.bytes.isEmpty && outcome.isClosed))
            }
            let many = (0..<300).map { "X-\($0): y\r\n" }.joined()
            let outcome = try await RawConnection.exchange(
                port: server.port, "GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n")
            #expect(outcome.statuses == [431])
        }
    }

    @Test("Who does not finish a header in time is closed; RequestGuardTests have each case of it")
    func slowHeaders() async throws {
        try await TestServer.with {
            $0.timeouts.requestHead = .milliseconds(600)
        } _: { server in
            let slow = try await RawConnection.exchange(
                port: server.port, [Array("GET / HTTP/1.1\r\n".utf8)], limit: .seconds(60))
            #expect(slow.isClosed && slow.bytes.isEmpty)
        }
    }

    @Test("Who does not finish a body in time is closed")
    func slowBodies() async throws {
        try await TestServer.with {
            $0.timeouts.requestBody = .milliseconds(600)
        } _: { server in
            let slow = try await RawConnection.exchange(
                port: server.port, "POST /twirp/x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{",
                limit: .seconds(60))
            #expect(slow.isClosed)
        }
    }

    @Test("Timeouts of 0 are none")
    func noTimeouts() async throws {
        try await TestServer.with {
            $0.timeouts.requestHead = .zero
            $0.timeouts.requestBody = .zero
            $0.timeouts.httpIdle = .zero
        } _: { server in
            let request = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
            let pieces = [request, "\r\n", "ab", request + "Connection: close\r\n", "\r\n", "ab"]
            let outcome = try await RawConnection.exchange(
                port: server.port, pieces.map { Array($0.utf8) }, pause: .milliseconds(50), limit: .seconds(60))
            #expect(outcome.statuses == [200, 200] && outcome.isClosed)
        }
    }

    @Test("Who sends a body without end is closed, whether somebody reads it or not")
    func endlessBodies() async throws {
        try await TestServer.with {
            $0.limits.requestBodyBytes = 1000
        } _: { server in
            let token = try TestServer.apiToken()
            let head =
                "POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n"
                + "Content-Type: application/json\r\n"
            let chunk = Array("400\r\n".utf8) + Array(repeating: UInt8(32), count: 1024) + Array("\r\n".utf8)
            let endless = try await RawConnection.exchange(
                port: server.port,
                [Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)] + Array(repeating: chunk, count: 3000))
            #expect(endless.isClosed && endless.statuses.allSatisfy { $0 == 413 }, "\(endless.text)")
            let unread = try await RawConnection.exchange(
                port: server.port,
                [Array("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)]
                    + Array(repeating: chunk, count: 3000))
            #expect(unread.isClosed)
            let told = try await RawConnection.exchange(
                port: server.port, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1001\r\n\r\n")
            #expect(told.statuses == [413])
        }
    }

    @Test("Signalling outlives the timeouts of HTTP")
    func signallingStays() async throws {
        try await TestServer.with {
            $0.timeouts.requestHead = .seconds(2)
            $0.timeouts.requestBody = .seconds(2)
            $0.timeouts.httpIdle = .seconds(2)
        } _: { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            try await Task.sleep(for: .seconds(3))
            try await alice.ping()
        }
    }

    @Test("Connections over the limit are closed, and room is made by those that go")
    func connectionLimit() async throws {
        try await TestServer.with {
            $0.connections.maximum = 3
        } _: { server in
            var held: [SignalClient] = []
            for name in ["alice", "bob", "carol"] {
                let client = try await server.signal(name)
                _ = try await client.join()
                held.append(client)
            }
            let refused = try await RawConnection.exchange(port: server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(refused.isClosed && refused.bytes.isEmpty)
            for client in held { client.cut() }
            try await eventually {
                let answer = try? await HTTPClient.request(port: server.port, "GET", "/")
                return answer?.status == 200 ? () : nil
            }
        }
    }

    @Test("No token stands in the logs, whatever becomes of it")
    func tokensAreNotLogged() async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) { server in
            let good = try TestServer.token("alice")
            let forged = good.dropLast(3) + "abc"
            for token in [good, String(forged), "not.a.token.secretword", String(repeating: "z", count: 9000)] {
                let bearer = ["Authorization": "Bearer \(token)"]
                _ = try await HTTPClient.request(port: server.port, "GET", "/rtc/validate?access_token=\(token)")
                _ = try await HTTPClient.request(port: server.port, "GET", "/rtc/validate", headers: bearer)
                _ = try await server.call("ListRooms", "{}", token: token)
                _ = try? await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)")
            }
            let bad = "GET /rtc?access_token=\(good) HTTP/1.1\r\nX: \0\r\n\r\n"
            _ = try await RawConnection.exchange(port: server.port, bad)
        }
        let text = log.text
        #expect(text.contains("participant joined"))
        for secret in ["eyJ", "access_token", "Bearer", "secretword", "zzzz", TestServer.secret] {
            #expect(!text.contains(secret), "a log line holds \(secret)")
        }
    }
}
