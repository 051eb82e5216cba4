import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import LiveKitServerKit

@Suite("Request guard, on simulated time")
struct RequestGuardTests {
    /// A connection behind a guard of 8 and 30 seconds and 1000 bytes.
    private final class Guarded {
        let channel = EmbeddedChannel()
        private(set) var violations: [RequestGuard.Violation] = []

        init(head: Duration = .seconds(8), body: Duration = .seconds(30)) throws {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false)
            let watch = RequestGuard(
                headTimeout: head, bodyTimeout: body, bodyLimit: 1000,
                onViolation: { [unowned self] in violations.append($0) })
            try channel.pipeline.syncOperations.add(watch)
            channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1), promise: nil)
        }

        func send(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }

        func answer() throws {
            channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }

        func wait(_ seconds: Double) {
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(Int64(seconds * 1000)))
        }

        /// Whether the connection stands, and what was held against it.
        func expect(open: Bool, _ violation: RequestGuard.Violation? = nil, _ place: SourceLocation = #_sourceLocation)
        {
            #expect(channel.isActive == open, sourceLocation: place)
            #expect(violations == (violation.map { [$0] } ?? []), sourceLocation: place)
        }
    }

    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"

    @Test("The first header is due from the connection on, whether a byte comes or not")
    func silence() throws {
        let guarded = try Guarded()
        guarded.wait(7.999)
        guarded.expect(open: true)
        guarded.wait(0.001)
        guarded.expect(open: false, .slowHead)
    }

    @Test("Bytes that drip in do not put the deadline off")
    func drip() throws {
        let guarded = try Guarded()
        try guarded.send("GET / HTTP/1.1\r\n")
        for _ in 0..<7 {
            guarded.wait(1)
            try guarded.send("X: y\r\n")
        }
        guarded.expect(open: true)
        guarded.wait(1)
        guarded.expect(open: false, .slowHead)
    }

    @Test("A later header is due from its first byte; between requests nothing is")
    func secondRequest() throws {
        let guarded = try Guarded()
        try guarded.send(Self.request)
        try guarded.answer()
        guarded.wait(3600)
        try guarded.send("GET")
        guarded.wait(7.999)
        guarded.expect(open: true)
        guarded.wait(0.001)
        guarded.expect(open: false, .slowHead)
    }

    @Test("A body is due from its header on")
    func slowBody() throws {
        let guarded = try Guarded()
        guarded.wait(7)
        try guarded.send(Self.post)
        for _ in 0..<29 {
            guarded.wait(1)
            try guarded.send("x")
        }
        guarded.wait(0.999)
        guarded.expect(open: true)
        guarded.wait(0.001)
        guarded.expect(open: false, .slowBody)
    }

    @Test("A body that is whole is no longer due, however long its answer takes")
    func slowAnswer() throws {
        let guarded = try Guarded()
        try guarded.send(Self.post + String(repeating: "x", count: 900))
        guarded.wait(3600)
        guarded.expect(open: true)
    }

    @Test("A body over the limit ends the connection, and no byte of it goes further")
    func largeBody() throws {
        let guarded = try Guarded()
        try guarded.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
        try guarded.send(chunk)
        try guarded.send(chunk)
        guarded.expect(open: true)
        try guarded.send(chunk)
        guarded.expect(open: false, .largeBody)
        var bytes = 0
        while let part = try guarded.channel.readInbound(as: HTTPServerRequestPart.self) {
            if case .body(let buffer) = part { bytes += buffer.readableBytes }
        }
        #expect(bytes == 1000)
    }

    @Test("A timeout of 0 is none")
    func noTimeouts() throws {
        let guarded = try Guarded(head: .zero, body: .zero)
        guarded.wait(100_000)
        try guarded.send("GET / HTTP/1.1\r\n")
        guarded.wait(100_000)
        try guarded.send("Content-Length: 2\r\n\r\nx")
        guarded.wait(100_000)
        guarded.expect(open: true)
    }

    @Test("Without a limit of the header, the body's holds, and the other way round")
    func oneTimeout() throws {
        let body = try Guarded(head: .zero)
        body.wait(3600)
        try body.send(Self.post)
        body.wait(30)
        body.expect(open: false, .slowBody)
        let head = try Guarded(body: .zero)
        try head.send(Self.post)
        // The header's deadline is over with the header.
        head.wait(3600)
        head.expect(open: true)
    }

    @Test("What follows a request to upgrade, which the decoder keeps, is bounded")
    func behindUpgrade() throws {
        let guarded = try Guarded(head: .zero)
        try guarded.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        try guarded.answer()
        let read = String(repeating: "x", count: 20_000)
        for _ in 0..<4 { try guarded.send(read) }
        guarded.expect(open: true)
        try guarded.send(read)
        guarded.expect(open: false, .behindUpgrade)
    }

    @Test("A header and what follows it may come in one read, however long")
    func longRead() throws {
        let guarded = try Guarded()
        try guarded.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 30_000))
        try guarded.send("\r\nContent-Length: 900\r\n\r\n" + String(repeating: "x", count: 900))
        try guarded.send(String(repeating: Self.request, count: 3000))
        guarded.expect(open: true)
    }

    @Test("After an upgrade nothing is due")
    func upgraded() throws {
        let guarded = try Guarded()
        try guarded.send("GET /rtc HTTP/1.1\r\n")
        try guarded.channel.pipeline.syncOperations.removeRequestGuard()
        guarded.wait(3600)
        guarded.expect(open: true)
    }

    @Test("What is no HTTP is answered once, and counted")
    func malformed() throws {
        let guarded = try Guarded()
        try guarded.send("garbage\r\n\r\n")
        guarded.expect(open: false, .malformed)
        let answer = try guarded.channel.readOutbound(as: ByteBuffer.self)
        #expect(answer.map { String(buffer: $0).hasPrefix("HTTP/1.1 400 ") } == true)
    }
}
