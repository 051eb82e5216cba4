import Testing

@testable import LiveKitServerKit

/// The numbers are those of the Autobahn test suite's cases.
@Suite("Server over sockets: WebSocket failures, RFC 6455", .timeLimit(.minutes(2)))
struct WebSocketConformanceTests {
    /// A SignalRequest with `ping` 7: field 14 of the schema.
    private static let ping: [UInt8] = [0x70, 7]
    /// What an answer with `pong` begins with: field 18.
    private static let pong: [UInt8] = [0x90, 0x01]

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let frames: [[UInt8]]
        /// The codes that may close the connection; 0 stands for an end without one.
        let codes: Set<Int>

        init(_ name: String, _ frames: [UInt8]..., codes: Set<Int>) {
            self.name = name
            self.frames = frames
            self.codes = codes
        }

        var testDescription: String { name }
    }

    /// A protocol error may also end the connection at once, §7.1.7.
    static let failures: [Case] = [
        Case("2.5 a ping of 126 bytes", RawFrame.make(9, Array(repeating: 1, count: 126)), codes: [1002, 0]),
        Case("3.1 reserved bit 3", RawFrame.make(2, ping, reserved: 1), codes: [1002, 0]),
        Case("3.2 reserved bit 2", RawFrame.make(2, ping, reserved: 2), codes: [1002, 0]),
        Case("3.4 all reserved bits in a ping", RawFrame.make(9, [], reserved: 7), codes: [1002, 0]),
        Case("4.1.1 reserved opcode 3", RawFrame.make(3, ping), codes: [1002, 0]),
        Case("4.1.5 reserved opcode 7", RawFrame.make(7, []), codes: [1002, 0]),
        Case("4.2.1 reserved control opcode 11", RawFrame.make(11, []), codes: [1002, 0]),
        Case("4.2.5 reserved control opcode 15", RawFrame.make(15, []), codes: [1002, 0]),
        Case("5.1 a ping in fragments", RawFrame.make(9, [1], fin: false), RawFrame.make(0, [1]), codes: [1002, 0]),
        Case("5.2 a pong in fragments", RawFrame.make(10, [1], fin: false), RawFrame.make(0, [1]), codes: [1002, 0]),
        Case("5.9 a continuation of nothing", RawFrame.make(0, ping), codes: [1002, 0]),
        Case(
            "5.18 a message within a message", RawFrame.make(2, ping, fin: false), RawFrame.make(2, ping),
            codes: [1002, 0]),
        Case(
            "6.3 text that is not UTF-8", RawFrame.make(1, [0xCE, 0xBA, 0xE1, 0xBD, 0xED, 0xA0, 0x80]), codes: [1007]),
        Case(
            "6.4 text that is not UTF-8, in fragments", RawFrame.make(1, [0xCE], fin: false), RawFrame.make(0, [0x28]),
            codes: [1007]),
        Case("7.3.2 a close of one byte", RawFrame.make(8, [3]), codes: [1002, 0]),
        Case(
            "7.3.6 a close of 126 bytes", RawFrame.make(8, [3, 232] + Array(repeating: 65, count: 124)),
            codes: [1002, 0]),
        Case("7.5.1 a reason that is not UTF-8", RawFrame.close(1000, reason: [0xCE, 0x28]), codes: [1002, 1007, 0]),
        Case("7.9.1 close code 0", RawFrame.close(0), codes: [1002, 0]),
        Case("7.9.2 close code 999", RawFrame.close(999), codes: [1002, 0]),
        Case("7.9.3 close code 1004", RawFrame.close(1004), codes: [1002, 0]),
        Case("7.9.4 close code 1005", RawFrame.close(1005), codes: [1002, 0]),
        Case("7.9.5 close code 1006", RawFrame.close(1006), codes: [1002, 0]),
        Case("7.9.9 close code 1015", RawFrame.close(1015), codes: [1002, 0]),
        Case("7.9.13 close code 2999", RawFrame.close(2999), codes: [1002, 0]),
        Case("7.13.1 close code 5000", RawFrame.close(5000), codes: [1002, 0]),
        Case("a frame without mask, §5.1", RawFrame.make(2, ping, isMasked: false), codes: [1002, 0]),
        Case(
            "9 a frame that says it has 2^63 bytes", RawFrame.make(2, [], declaredLength: 1 << 63),
            codes: [1002, 1009, 0]),
        Case("9 a frame of 3 MiB", RawFrame.make(2, [], declaredLength: 3 << 20), codes: [1009]),
        Case("a length with more bytes than it needs", [0x82, 0xFE, 0, 1, 1, 2, 3, 4, 9], codes: [1002, 1007, 0]),
        Case("a message that is no protobuf", RawFrame.make(2, [0xFF, 0xFF, 0xFF]), codes: [1007]),
        Case("a text that is no JSON", RawFrame.make(1, Array("{nope".utf8)), codes: [1007]),
    ]

    @Test("What breaks the protocol ends the connection with its code", arguments: failures)
    func fails(_ item: Case) async throws {
        try await TestServer.with { server in
            let outcome = try await server.exchange(item.frames)
            #expect(outcome.statuses == [101], "\(outcome.text.prefix(200))")
            #expect(outcome.isClosed, "the connection is still open")
            let code = RawFrames(outcome.bytes).closeCode ?? 0
            #expect(item.codes.contains(code), "closed with \(code)")
            // Nobody else notices.
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
        }
    }

    @Test("A proper close is answered with its code, 7.7", arguments: [1000, 1001, 1011, 3000, 4999] as [UInt16])
    func closes(_ code: UInt16) async throws {
        try await TestServer.with { server in
            let outcome = try await server.exchange([RawFrame.close(code, reason: Array("bye".utf8))])
            #expect(outcome.isClosed && RawFrames(outcome.bytes).closeCode == Int(code))
        }
    }

    @Test("An empty close is a proper one, 7.3.1")
    func emptyClose() async throws {
        try await TestServer.with { server in
            let outcome = try await server.exchange([RawFrame.make(8, [])])
            #expect(outcome.isClosed && [1000, nil].contains(RawFrames(outcome.bytes).closeCode))
        }
    }

    @Test("Pings are answered with what they hold, also within a message, 2.2 and 5.7")
    func pings() async throws {
        try await TestServer.with { server in
            let message = Self.ping
            let outcome = try await server.exchange(
                [
                    RawFrame.make(9, [1, 2, 3]), RawFrame.make(9, Array(repeating: 5, count: 125)),
                    RawFrame.make(10, [9]), RawFrame.make(2, Array(message.prefix(1)), fin: false),
                    RawFrame.make(9, [4]), RawFrame.make(0, Array(message.dropFirst()), fin: false),
                    RawFrame.make(0, []), RawFrame.close(1000),
                ])
            let frames = RawFrames(outcome.bytes).frames
            #expect(
                frames.filter { $0.opcode == 10 }.map(\.payload) == [[1, 2, 3], Array(repeating: 5, count: 125), [4]])
            #expect(frames.contains { $0.opcode == 2 && $0.payload.starts(with: Self.pong) })
            #expect(RawFrames(outcome.bytes).closeCode == 1000)
        }
    }

    @Test("A close is answered after what was asked before, and nothing follows the answer, §5.5.1")
    func closeComesLast() async throws {
        try await TestServer.with { server in
            let asked = Array(repeating: RawFrame.make(2, Self.ping), count: 300).flatMap(\.self)
            let outcome = try await server.exchange([asked + RawFrame.close(3000) + RawFrame.make(9, [1])])
            let frames = RawFrames(outcome.bytes).frames
            #expect(frames.count { $0.opcode == 2 && $0.payload.starts(with: Self.pong) } == 300)
            #expect(RawFrames(outcome.bytes).closeCode == 3000 && frames.last?.opcode == 8)
            let broken = try await server.exchange([asked + RawFrame.make(3, []) + asked])
            let after = RawFrames(broken.bytes).frames
            #expect(broken.isClosed && (after.firstIndex { $0.opcode == 8 } ?? after.count - 1) == after.count - 1)
        }
    }

    @Test("A message in too many fragments, or too large in all, ends the connection")
    func fragments() async throws {
        try await TestServer.with {
            $0.limits.signalMessageBytes = 10_000
        } _: { server in
            let empty = Array(repeating: RawFrame.make(0, [], fin: false), count: 2000).flatMap(\.self)
            let many = try await server.exchange([RawFrame.make(2, [1], fin: false), empty])
            #expect(many.isClosed && RawFrames(many.bytes).closeCode == 1009)
            let piece = RawFrame.make(0, Array(repeating: 1, count: 1000), fin: false)
            let large = try await server.exchange(
                [RawFrame.make(2, [1], fin: false), Array(repeating: piece, count: 20).flatMap(\.self)])
            #expect(large.isClosed && RawFrames(large.bytes).closeCode == 1009)
        }
    }

    @Test("Ten thousand pings are answered, or end the connection; the server goes on")
    func pingFlood() async throws {
        try await TestServer.with { server in
            let flood = Array(repeating: RawFrame.make(9, [1]), count: 10_000).flatMap(\.self)
            let outcome = try await server.exchange([flood, RawFrame.close(1000)], limit: .seconds(10))
            #expect(outcome.isClosed)
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
        }
    }

    @Test(
        "A handshake that is none is not upgraded, §4.2.1",
        arguments: [
            ["Sec-WebSocket-Version": "12"], ["Sec-WebSocket-Key": ""], ["Upgrade": "h2c"], ["Connection": "close"],
            ["Content-Length": "5"], ["Transfer-Encoding": "chunked"],
        ])
    func handshakes(_ change: [String: String]) async throws {
        try await TestServer.with { server in
            var fields = [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            ]
            fields.merge(change) { _, new in new }
            let text = fields.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }.joined()
            // As a body of five bytes, and as one in chunks.
            let body = change.keys.contains { $0 == "Content-Length" || $0 == "Transfer-Encoding" } ? "0\r\n\r\n" : ""
            let request = "GET /rtc?access_token=\(try TestServer.token("x")) HTTP/1.1\r\nHost: a\r\n\(text)\r\n\(body)"
            let outcome = try await RawConnection.exchange(
                port: server.port, [Array(request.utf8)], until: { !$0.statuses.isEmpty })
            #expect(outcome.statuses.count == 1 && outcome.statuses.allSatisfy { (400..<500).contains($0) })
        }
    }
}
