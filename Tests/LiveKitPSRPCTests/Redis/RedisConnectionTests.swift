import LiveKitCore
import NIOCore
import NIOEmbedded
import Testing

@testable import LiveKitPSRPC

@Suite("A connection to Redis, RESP2")
struct RedisConnectionTests {
    /// A connection on simulated time, and what it said.
    private final class Rig {
        let channel: EmbeddedChannel
        let connection = RedisConnection()
        var answers: [Result<RedisReply, RedisError>] = []
        var messages: [RedisReply] = []
        var ends: [RedisError] = []

        init() throws {
            channel = EmbeddedChannel(handler: connection)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            connection.onClose = { self.ends.append($0) }
        }

        func send(_ command: RedisCommand, seconds: Int64 = 3) {
            connection.send(command, deadline: channel.embeddedEventLoop.now + .seconds(seconds)) {
                self.answers.append($0)
            }
        }

        func receive(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }
    }

    @Test("A command is an array of strings")
    func writesCommands() throws {
        let rig = try Rig()
        rig.send(RedisCommand("SET", [Array("key".utf8), [0, 13, 10, 255]]))
        var sent = try #require(try rig.channel.readOutbound(as: ByteBuffer.self))
        let expected = Array("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\n".utf8) + [0, 13, 10, 255] + Array("\r\n".utf8)
        #expect(sent.readBytes(length: sent.readableBytes) == expected)
    }

    @Test("An empty argument has no bytes")
    func writesEmptyArguments() {
        #expect(RedisCommand("GET", "").encoded == Array("*2\r\n$3\r\nGET\r\n$0\r\n\r\n".utf8))
    }

    @Test("Answers are matched in order, wherever the bytes are cut")
    func matchesInOrder() throws {
        let text = "+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n$3\r\na\r\n\r\n*2\r\n$1\r\nb\r\n*1\r\n:1\r\n"
        let expected: [RedisReply] = [
            .status("OK"), .error("ERR no"), .integer(-7), .null, .bytes(Array("a\r\n".utf8)),
            .array([.bytes([98]), .array([.integer(1)])]),
        ]
        for cut in 0...text.count {
            let rig = try Rig()
            for _ in expected { rig.send(RedisCommand("PING")) }
            try rig.receive(String(text.prefix(cut)))
            try rig.receive(String(text.dropFirst(cut)))
            #expect(rig.answers == expected.map { .success($0) }, "cut at \(cut)")
            #expect(rig.ends.isEmpty)
        }
    }

    @Test(
        "Bytes that are no reply end the connection with an error",
        arguments: [
            "hello\r\n", "*x\r\n", "$-7\r\n", ":12a\r\n", "*-5\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        ])
    func refusesGarbage(_ text: String) throws {
        let rig = try Rig()
        rig.send(RedisCommand("PING"))
        try rig.receive(text)
        guard case .failure(.unexpectedReply)? = rig.answers.first else {
            Issue.record("\(rig.answers)")
            return
        }
        #expect(rig.ends.count == 1)
        #expect(!rig.connection.isOpen)
    }

    @Test("A reply is bounded, however it is composed", arguments: ["$1000\r\n", "*1\r\n$1000\r\n"])
    func boundsReplies(_ element: String) throws {
        let rig = try Rig()
        rig.send(RedisCommand("KEYS", "*"), seconds: 600)
        try rig.receive("*1000000\r\n")
        let chunk = String(repeating: element + String(repeating: "a", count: 1000) + "\r\n", count: 1000)
        var count = 0
        while rig.ends.isEmpty, count < 2 * RedisLimits.replyBytes {
            try rig.receive(chunk)
            count += chunk.utf8.count
        }
        #expect(rig.ends == [.unexpectedReply("more than \(RedisLimits.replyBytes) bytes")])
        #expect(count <= RedisLimits.replyBytes + chunk.utf8.count)
    }

    @Test("The bound is each reply's, and not the connection's")
    func countsEachReply() throws {
        let rig = try Rig()
        rig.connection.onMessage = { _ in }
        // The next reply's beginning comes with the end of the one before.
        let chunk = "$1000000\r\n" + String(repeating: "a", count: 1_000_000) + "\r\n"
        let (head, tail) = (String(chunk.prefix(500)), String(chunk.dropFirst(500)))
        try rig.receive(head)
        for _ in 0...(RedisLimits.replyBytes / 1_000_000) { try rig.receive(tail + head) }
        #expect(rig.ends.isEmpty)
    }

    @Test("An array that announces more than there can be is refused before there is memory for it")
    func boundsArrays() throws {
        for text in ["*2147483647\r\n", "*\(RedisLimits.replyElements + 1)\r\n", "*1\r\n*2000000000\r\n"] {
            let rig = try Rig()
            rig.send(RedisCommand("KEYS", "*"))
            try rig.receive(text)
            #expect(rig.ends.count == 1, "\(text)")
        }
        let rig = try Rig()
        rig.send(RedisCommand("KEYS", "*"))
        try rig.receive("*\(RedisLimits.replyElements)\r\n")
        #expect(rig.ends.isEmpty)
    }

    @Test("Random changes of replies never trap", arguments: 1...8 as ClosedRange<UInt64>)
    func survivesRandomChanges(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let alphabet = Array("*$:+-0123456789\r\nab".utf8)
        let reply = Array("*3\r\n$7\r\nmessage\r\n$2\r\nab\r\n*2\r\n:12\r\n$-1\r\n+OK\r\n-ERR no\r\n".utf8)
        for _ in 0..<500 {
            let rig = try Rig()
            for _ in 0..<3 { rig.send(RedisCommand("PING")) }
            rig.connection.onMessage = { rig.messages.append($0) }
            var bytes = reply
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = alphabet.randomElement(using: &random) ?? 0
            }
            let cut = Int.random(in: bytes.indices, using: &random)
            try rig.channel.writeInbound(ByteBuffer(bytes: bytes[..<cut]))
            try rig.channel.writeInbound(ByteBuffer(bytes: bytes[cut...]))
        }
    }

    @Test("An answer that nobody asked for ends the connection")
    func refusesUnaskedAnswers() throws {
        let rig = try Rig()
        try rig.receive("+OK\r\n")
        #expect(rig.ends == [.unexpectedReply("an answer that nobody asked for")])
    }

    @Test("A late answer ends the connection, and all that wait fail")
    func endsWhenLate() throws {
        let rig = try Rig()
        rig.send(RedisCommand("PING"))
        rig.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        try rig.receive("+PONG\r\n")
        rig.send(RedisCommand("PING"))
        rig.send(RedisCommand("PING"))
        rig.channel.embeddedEventLoop.advanceTime(by: .milliseconds(2999))
        #expect(rig.answers.count == 1)
        rig.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(rig.answers == [.success(.status("PONG")), .failure(.timedOut), .failure(.timedOut)])
        #expect(rig.ends == [.timedOut])
    }

    @Test("What was sent on a connection that breaks fails, and so does what comes after")
    func failsWhenBroken() throws {
        let rig = try Rig()
        rig.send(RedisCommand("PING"))
        rig.channel.pipeline.fireChannelInactive()
        rig.send(RedisCommand("PING"))
        let error = RedisError.unreachable("the connection was closed")
        #expect(rig.answers == [.failure(error), .failure(error)])
        #expect(rig.ends == [error])
    }
}
