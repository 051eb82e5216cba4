import Foundation
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: the way to signalling", .timeLimit(.minutes(1)))
struct UpgradeTests {
    @Test("Doubled slashes before the path do not matter", arguments: ["//rtc", "/rtc", "///rtc"])
    func doubledSlashes(_ path: String) async throws {
        try await TestServer.with { server in
            let client = try await SignalClient.connect(
                port: server.port, path: "\(path)?protocol=16&access_token=\(try TestServer.token("alice"))")
            #expect(try await client.join().participant.identity == "alice")
        }
    }

    @Test("The socket is pinged, each ten seconds unless configured otherwise")
    func pings() async throws {
        #expect(LiveKitServerConfiguration().timeouts.signalPing == .seconds(10))
        try await TestServer.with {
            $0.timeouts.signalPing = .milliseconds(100)
        } _: { server in
            let pong = RawFrame.make(10, [])
            let closed = try await server.exchange(
                [pong, pong, pong, RawFrame.close(1000)], pause: .milliseconds(300), limit: .seconds(20))
            let pings = RawFrames(closed.bytes).frames.filter { $0.opcode == 9 }
            #expect(closed.isClosed && pings.count >= 2)
        }
    }

    /// Of IPv6 where this machine has it.
    private static let loopbacks =
        ["127.0.0.1"] + (FileManager.default.contents(atPath: "/proc/net/if_inet6")?.isEmpty == false ? ["::1"] : [])

    @Test("Without addresses of its own a server listens on all, of IPv6 and IPv4", arguments: loopbacks)
    func allAddresses(_ host: String) async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) {
            $0.bindAddresses = []
        } _: { server in
            let client = try await SignalClient.connect(
                host: host, port: server.port, path: "/rtc?protocol=16&access_token=\(try TestServer.token("alice"))")
            _ = try await client.join()
        }
        let connected = log.text.split(separator: "\n").filter { $0.contains("client connected") }
        #expect(connected.count == 1 && connected.allSatisfy { $0.contains("\"address\": \(host)") }, "\(connected)")
    }

    @Test("Pages may remember for a day what they may ask")
    func preflight() async throws {
        try await TestServer.with { server in
            let answer = try await HTTPClient.request(
                port: server.port, "OPTIONS", "/rtc/validate",
                headers: ["Origin": "https://page", "Access-Control-Request-Method": "GET"])
            #expect(answer.headers["access-control-max-age"] == "86400")
            let plain = try await HTTPClient.request(port: server.port, "GET", "/")
            #expect(plain.headers["access-control-expose-headers"] == "*")
            #expect(answer.headers["access-control-allow-methods"] == "OPTIONS, HEAD, GET, POST, PATCH, DELETE")
        }
    }
}
