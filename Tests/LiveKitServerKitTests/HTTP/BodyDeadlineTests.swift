import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import LiveKitServerKit

@Suite("Requests that are never whole")
struct BodyDeadlineTests {
    private let channel: EmbeddedChannel

    init() throws {
        channel = EmbeddedChannel(handler: BodyDeadline(.seconds(8)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func head() -> HTTPServerRequestPart {
        .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/"))
    }

    @Test("A body that goes on arriving does not put the end off")
    func dribbles() throws {
        try channel.writeInbound(head())
        for _ in 0..<7 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: " ")))
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test("A whole request may be followed by another, each with its own time")
    func completes() throws {
        for _ in 0..<3 {
            try channel.writeInbound(head())
            channel.embeddedEventLoop.advanceTime(by: .seconds(7))
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(100))
        #expect(channel.isActive)
    }
}
