import LiveKitTestSupport
import Logging
import Synchronization
import Testing

@testable import LiveKitPSRPC

@Suite(
    "A client of a real Redis server", .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"),
    .timeLimit(.minutes(1)))
struct RedisClientTests {
    private static func client(
        _ server: RedisServerProcess, _ change: (inout RedisConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: server.port)))
        change(&configuration)
        return try RedisClient(configuration, logger: Logger(label: "redis"))
    }

    @Test("Values, hashes and scripts")
    func doesCommands() async throws {
        let server = try RedisServerProcess()
        let client = try Self.client(server)
        defer { client.close() }
        #expect(try await client.get("key") == nil)
        #expect(try await client.setIfAbsent("key", [0, 255, 13, 10], seconds: 5))
        #expect(try await !client.setIfAbsent("key", [1], seconds: 5))
        #expect(try await client.get("key") == [0, 255, 13, 10])
        #expect(try await client.delete("key", "other") == 1)
        try await client.setHashValue([], of: "empty", in: "hash")
        #expect(try await client.setHashValueIfAbsent([1], of: "one", in: "hash"))
        #expect(try await !client.setHashValueIfAbsent([2], of: "one", in: "hash"))
        #expect(try await client.hashValues(of: ["one", "none", "empty"], in: "hash") == [[1], nil, []])
        #expect(try await Set(client.hashValues(in: "hash")) == [[], [1]])
        #expect(try await client.deleteHashValues(of: ["one", "none"], in: "hash") == 1)
        #expect(try await client.hashValue(of: "one", in: "hash") == nil)
        let reply = try await client.evaluate("return {KEYS[1], ARGV[1]}", keys: ["k"], [[7]])
        #expect(reply == .array([.bytes(Array("k".utf8)), .bytes([7])]))
    }

    @Test("The server's refusal is thrown in its words")
    func throwsRefusals() async throws {
        let server = try RedisServerProcess()
        let client = try Self.client(server)
        defer { client.close() }
        try await client.setHashValue([1], of: "field", in: "hash")
        let error = await #expect(throws: RedisError.self) { try await client.get("hash") }
        guard case .refused(let words)? = error else { return }
        #expect(words.hasPrefix("WRONGTYPE"))
    }

    @Test("Commands share the connection, and answers come in their order")
    func pipelines() async throws {
        let server = try RedisServerProcess()
        let client = try Self.client(server)
        defer { client.close() }
        let (answers, continuation) = AsyncStream<RedisReply?>.makeStream()
        for _ in 0..<2000 { client.post(RedisCommand("INCR", "n")) { continuation.yield(try? $0.get()) } }
        var expected: Int64 = 1
        for await answer in answers.prefix(2000) {
            #expect(answer == .integer(expected))
            expected += 1
        }
        #expect(client.counters.connections.load(ordering: .relaxed) == 1)
    }

    @Test("A password, a user and a database are taken")
    func isLetIn() async throws {
        let server = try RedisServerProcess([
            "--requirepass", "secret", "--user", "livekit", "on", ">word", "~*", "&*", "+@all",
        ])
        let first = try Self.client(server) { $0.credentials = .init(password: "secret") }
        let second = try Self.client(server) {
            $0.credentials = .init(username: "livekit", password: "word")
            $0.database = 3
        }
        defer { first.close(); second.close() }
        try await first.setHashValue([1], of: "f", in: "h")
        #expect(try await second.hashValue(of: "f", in: "h") == nil)
        #expect(try await second.send(RedisCommand("ACL", "WHOAMI")).text == "livekit")
    }

    @Test("A wrong password is told at once", arguments: ["wrong", ""])
    func tellsWrongPasswords(_ password: String) async throws {
        let server = try RedisServerProcess(["--requirepass", "secret"])
        let client = try Self.client(server) {
            $0.credentials = .init(password: password)
            $0.commandTimeout = .seconds(30)
        }
        defer { client.close() }
        let error = await #expect(throws: RedisError.self) { try await client.ping() }
        guard case .refused(let words)? = error else { return }
        #expect(words.hasPrefix(password.isEmpty ? "NOAUTH" : "WRONGPASS"))
    }

    @Test("A server that cannot serve yet is waited for")
    func waitsForTheMaster() async throws {
        let server = try RedisServerProcess(["--replica-serve-stale-data", "no"])
        let control = try Self.client(server)
        let client = try Self.client(server) { $0.commandTimeout = .seconds(30) }
        defer { control.close(); client.close() }
        let nobody = try RedisServerProcess.freePort()
        _ = try await control.send(RedisCommand("REPLICAOF", "127.0.0.1", "\(nobody)"))
        async let written: Void = client.setHashValue([1], of: "f", in: "h")
        // Its handshakes are answered by MASTERDOWN.
        while client.counters.failures.load(ordering: .relaxed) == 0 { await Task.yield() }
        _ = try await control.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        try await written
    }

    @Test("A master that became a replica is left, and what comes next waits for another")
    func leavesReplicas() async throws {
        let server = try RedisServerProcess()
        let control = try Self.client(server)
        let client = try Self.client(server) { $0.commandTimeout = .seconds(30) }
        defer { control.close(); client.close() }
        try await client.ping()
        let nobody = try RedisServerProcess.freePort()
        _ = try await control.send(RedisCommand("REPLICAOF", "127.0.0.1", "\(nobody)"))
        let error = await #expect(throws: RedisError.self) { try await client.setHashValue([1], of: "f", in: "h") }
        guard case .refused(let words)? = error else { return }
        #expect(words.hasPrefix("READONLY"))
        _ = try await control.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        try await client.setHashValue([1], of: "f", in: "h")
        #expect(client.connection == 2)
    }

    @Test(
        "What passes and what does not",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", false), ("MASTERDOWN Link with MASTER is down", false),
            ("READONLY You can't write against a read only replica.", false),
            ("ERR max number of clients reached", false),
            ("NOAUTH Authentication required.", true), ("WRONGPASS invalid username-password pair", true),
            ("NOPERM this user has no permissions", true),
        ])
    func tellsWhatPasses(_ words: String, _ isFinal: Bool) {
        #expect(RedisError.refused(words).isFinal == isFinal)
        #expect(!RedisError.unreachable(words).isFinal)
    }

    @Test("A command waits for a server that is coming back")
    func waitsForTheServer() async throws {
        let server = try RedisServerProcess(["--requirepass", "secret"])
        let client = try Self.client(server) { $0.credentials = .init(password: "secret") }
        defer { client.close() }
        try await client.ping()
        server.kill()
        async let written: Void = client.setHashValue([1], of: "f", in: "h")
        try server.start()
        // What was written to the broken connection may fail: then it is said.
        do { try await written } catch { try await client.setHashValue([1], of: "f", in: "h") }
        #expect(try await client.hashValue(of: "f", in: "h") == [1])
        #expect(client.counters.connections.load(ordering: .relaxed) == 2 && client.connection == 2)
    }

    @Test("Without a server a command fails in its time, with the reason")
    func failsWithoutAServer() async throws {
        let server = try RedisServerProcess()
        server.kill()
        let client = try Self.client(server) { $0.commandTimeout = .milliseconds(300) }
        defer { client.close() }
        let error = await #expect(throws: RedisError.self) { try await client.ping() }
        guard case .unreachable(let reason)? = error else { return }
        #expect(reason.contains("127.0.0.1:\(server.port)"))
        #expect(client.counters.unanswered.load(ordering: .relaxed) == 1)
    }

    @Test("A server that hangs is left, and found again")
    func leavesAHangingServer() async throws {
        let server = try RedisServerProcess()
        let client = try Self.client(server) { $0.commandTimeout = .milliseconds(300) }
        defer { client.close() }
        try await client.ping()
        server.pause()
        await #expect(throws: RedisError.timedOut) { try await client.ping() }
        server.resume()
        for _ in 0..<20 where (try? await client.ping()) == nil {}
        try await client.ping()
    }

    @Test("More than may wait is refused, and counted")
    func boundsWhatWaits() async throws {
        let server = try RedisServerProcess()
        server.kill()
        let client = try Self.client(server)
        let (answers, continuation) = AsyncStream<RedisError?>.makeStream()
        for _ in 0..<RedisLimits.pendingCommands + 10 {
            client.post(RedisCommand("PING")) {
                if case .failure(let error) = $0 { continuation.yield(error) }
            }
        }
        for await error in answers.prefix(10) { #expect(error == .overloaded) }
        #expect(client.counters.overflows.load(ordering: .relaxed) == 10)
        client.close()
        for await error in answers.prefix(RedisLimits.pendingCommands) { #expect(error == .closed) }
        await #expect(throws: RedisError.closed) { try await client.ping() }
    }

    @Test("TLS, with certificates on both sides", arguments: ["127.0.0.1", "localhost"])
    func encrypts(_ host: String) async throws {
        let certificate = try TestCertificate()
        let server = try RedisServerProcess(tls: certificate)
        let client = try Self.client(server) {
            $0.servers = .single(RedisAddress(host: host, port: server.port))
            var tls = RedisTLS()
            tls.caCertificateFile = certificate.certificate
            tls.clientCertificateFile = certificate.certificate
            tls.clientKeyFile = certificate.key
            $0.tls = tls
        }
        defer { client.close() }
        try await client.ping()
    }

    @Test("A certificate of somebody else is refused, unless that does not matter")
    func verifiesCertificates() async throws {
        let certificate = try TestCertificate(names: "DNS:localhost")
        let server = try RedisServerProcess(["--tls-auth-clients", "no"], tls: certificate)
        func client(_ change: (inout RedisTLS) -> Void) throws -> RedisClient {
            try Self.client(server) {
                $0.commandTimeout = .milliseconds(500)
                var tls = RedisTLS()
                change(&tls)
                $0.tls = tls
            }
        }
        let unknown = try client { _ in }
        let misnamed = try client {
            $0.caCertificateFile = certificate.certificate
            $0.serverName = "elsewhere.example"
        }
        let named = try client {
            $0.caCertificateFile = certificate.certificate
            $0.serverName = "localhost"
        }
        let careless = try client { $0.isInsecure = true }
        defer { [unknown, misnamed, named, careless].forEach { $0.close() } }
        await #expect(throws: RedisError.self) { try await unknown.ping() }
        await #expect(throws: RedisError.self) { try await misnamed.ping() }
        try await named.ping()
        try await careless.ping()
        #expect(throws: (any Error).self) { try client { $0.caCertificateFile = "/nowhere.pem" } }
    }

    @Test("The sentinels' master is found, and the new one after a failover")
    func asksSentinels() async throws {
        let servers = try [RedisServerProcess(), RedisServerProcess()]
        let sentinel = try RedisSentinel()
        let control = try RedisClient(
            RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: sentinel.port))),
            logger: Logger(label: "sentinel"))
        func monitor(_ server: RedisServerProcess) async throws {
            _ = try await control.send(RedisCommand("SENTINEL", "MONITOR", "main", "127.0.0.1", "\(server.port)", "1"))
        }
        try await monitor(servers[0])
        let nobody = RedisAddress(host: "127.0.0.1", port: try RedisServerProcess.freePort())
        let addresses = [nobody, RedisAddress(host: "127.0.0.1", port: sentinel.port)]
        let client = try RedisClient(
            RedisConfiguration(.sentinels(addresses, master: "main")), logger: Logger(label: "redis"))
        defer { client.close(); control.close() }
        #expect(
            try await client.send(RedisCommand("INFO", "server")).text?.contains("tcp_port:\(servers[0].port)") == true)
        _ = try await control.send(RedisCommand("SENTINEL", "REMOVE", "main"))
        try await monitor(servers[1])
        servers[0].kill()
        for _ in 0..<20 where (try? await client.ping()) == nil {}
        #expect(
            try await client.send(RedisCommand("INFO", "server")).text?.contains("tcp_port:\(servers[1].port)") == true)
    }
}
