import NIOCore
import Testing

@testable import LiveKitPSRPC

@Suite("What is said to Redis first")
struct RedisHandshakeTests {
    @Test("A user is named when there is one, a database chosen when it is not the first")
    func greets() {
        let plain = RedisHandshake(.init(), database: 0, isMasterExpected: false)
        #expect(plain.commands == [RedisCommand("PING")])
        let password = RedisHandshake(.init(password: "p"), database: 3, isMasterExpected: false)
        #expect(password.commands == [RedisCommand("AUTH", "p"), RedisCommand("SELECT", "3"), RedisCommand("PING")])
        let user = RedisHandshake(.init(username: "u", password: "p"), database: 0, isMasterExpected: true)
        #expect(user.commands == [RedisCommand("AUTH", "u", "p"), RedisCommand("ROLE")])
    }

    @Test("A replica, a refusal and nonsense are errors")
    func checks() throws {
        try RedisHandshake.check(.status("PONG"))
        try RedisHandshake.check(.array([.bytes(Array("master".utf8)), .integer(1)]))
        for reply in [
            RedisReply.array([]), .array([.bytes(Array("slave".utf8))]), .error("NOAUTH"), .integer(1), .null,
        ] {
            #expect(throws: RedisError.self) { try RedisHandshake.check(reply) }
        }
    }

    @Test("A sentinel tells host and port, or it tells nothing")
    func readsAddresses() throws {
        let host = RedisReply.bytes(Array("10.0.0.1".utf8))
        let told = try RedisHandshake.masterAddress(.array([host, .bytes(Array("6380".utf8))]))
        #expect(told == RedisAddress(host: "10.0.0.1", port: 6380))
        let wrong: [RedisReply] = [
            .null, .array([]), .array([host]), .array([host, .integer(1)]), .array([host, host]), .status("OK"),
            .array([host, .bytes(Array("65536".utf8))]), .error("ERR"),
        ]
        for reply in wrong { #expect(throws: RedisError.self) { try RedisHandshake.masterAddress(reply) } }
    }

    @Test("Addresses are host and port, with Redis' port where there is none")
    func parsesAddresses() {
        #expect(RedisAddress("localhost:6390") == RedisAddress(host: "localhost", port: 6390))
        #expect(RedisAddress("cache") == RedisAddress(host: "cache", port: 6379))
        #expect(RedisAddress("[::1]:7000") == RedisAddress(host: "::1", port: 7000))
        #expect(RedisAddress("[::1]") == RedisAddress(host: "::1", port: 6379))
        for text in ["", ":6379", "host:", "host:x", "host:0", "host:65536", "::1", "[]:1"] {
            #expect(RedisAddress(text) == nil, "\(text)")
        }
    }

    @Test("Pauses double up to a second, and begin anew after a success")
    func backsOff() {
        var backoff = RedisLimits.reconnectPauses
        #expect((0..<6).map { _ in backoff.nextPause().nanoseconds / 1_000_000 } == [100, 200, 400, 800, 1000, 1000])
        backoff.reset()
        #expect(backoff.nextPause() == .milliseconds(100))
    }
}
