import Foundation
import LiveKitCore
import LiveKitProtobuf
import LiveKitRTCTransport
import LiveKitTestSupport
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: operations", .timeLimit(.minutes(1)))
struct OperationsTests {
    @Test("Metrics are served on their port, behind a name and a password")
    func metrics() async throws {
        let port = try FreePort.find()
        try await TestServer.with {
            $0.prometheus.port = port
            $0.prometheus.username = "watch"
            $0.prometheus.password = "word"
        } _: { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            _ = try await server.call("ListRooms", "{}")
            _ = try await server.call("Nonsense", "{}")
            _ = try? await SignalClient.connect(port: server.port, path: "/rtc")
            #expect(try await HTTPClient.request(port: port, "GET", "/metrics").status == 401)
            let wrong = ["Authorization": BasicCredentials.header("watch", "wrong")]
            #expect(try await HTTPClient.request(port: port, "GET", "/metrics", headers: wrong).status == 401)
            let right = ["Authorization": BasicCredentials.header("watch", "word")]
            let page = try await HTTPClient.request(port: port, "GET", "/metrics", headers: right)
            #expect(page.status == 200 && page.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            for line in [
                "# TYPE livekit_participant_join_total counter", "state=\"signal_connected\"} 1",
                "method=\"ListRooms\"", "service=\"other\"", "# TYPE livekit_node_twirp_request_latency_ms histogram",
                "# TYPE livekit_room_total gauge", "node_type=\"SERVER\"", "status=\"200\"", "status=\"4xx\"",
                "code=\"bad_route\"", "state=\"rtc_init\"} 1", "state=\"rtc_connected\"} 1",
                "state=\"signal_validation_failed\"} 1", "# TYPE livekit_node_messages counter",
                "# TYPE livekit_node_service_operation counter", "type=\"participant_join\"", "type=\"offer\"",
            ] {
                #expect(page.body.contains(line), "metrics lack \(line)")
            }
            #expect(!page.body.contains("Nonsense") && !page.body.contains("rtc_canceled"))
            // A session that is gone on with is no join.
            let joins = try #require(
                page.body.split(separator: "\n").first { $0.contains("type=\"participant_join\"") })
            let ghost = try await server.signal("ghost", query: "&reconnect=1&sid=PA_none")
            _ = try await ghost.first { if case .leave = $0 { true } else { nil } }
            let later = try await eventually {
                let page = try await HTTPClient.request(port: port, "GET", "/metrics", headers: right)
                return page.body.contains("state=\"signal_connected\"} 2") ? page : nil
            }
            #expect(later.body.contains(joins + "\n"))
            // Nobody's media connection ever stood here.
            try alice.send(.leave(Livekit_LeaveRequest()))
            _ = try await eventually {
                let page = try await HTTPClient.request(port: port, "GET", "/metrics", headers: right)
                return page.body.contains("state=\"rtc_canceled\"} 1") ? page : nil
            }
            #expect(try await HTTPClient.request(port: server.port, "GET", "/metrics").status == 404)
        }
    }

    @Test("What rooms are doing is shown in development, and nowhere else")
    func debugRooms() async throws {
        try await TestServer.with {
            $0.isDevelopment = true
        } _: { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let page = try await HTTPClient.request(port: server.port, "GET", "/debug/rooms")
            #expect(page.status == 200 && page.body.contains("\"alice\""))
        }
        let port = try FreePort.find()
        try await TestServer.with {
            $0.debugPort = port
        } _: { server in
            let main = try await HTTPClient.request(port: server.port, "GET", "/debug/rooms")
            #expect(main.status == 404)
            let own = try await HTTPClient.request(port: port, "GET", "/debug/rooms")
            #expect(own.body.contains("rooms"))
        }
    }

    @Test("A draining server opens no rooms, keeps those it has, and ends with its last participant")
    func drain() async throws {
        try await TestServer.withServer { server, instance in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            await instance.drain()
            try await Self.untilDraining(server)
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("bob", room: "other") }
            #expect(try await server.call("CreateRoom", #"{"name":"third"}"#).status == 503)
            let bob = try await server.signal("bob")
            #expect(try await bob.join().otherParticipants.map(\.identity) == ["alice"])
            bob.cut()
            alice.cut()
        }
    }

    @Test("A graceful shutdown of a ServiceGroup drains: who is there stays, and may come back")
    func gracefulShutdown() async throws {
        var configuration = LiveKitServerConfiguration()
        configuration.port = 0
        configuration.bindAddresses = ["127.0.0.1"]
        configuration.keys = [TestServer.key: TestServer.secret]
        configuration.logLevel = .critical
        // A port that nobody is connected to.
        configuration.debugPort = try FreePort.find()
        let media = RecordingMediaPlane()
        let instance = try LiveKitServer(configuration: configuration, mediaPlane: media)
        let services = ServiceGroup(
            services: [instance], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let server = TestServer(port: try await instance.started(), media: media)
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            await services.triggerGracefulShutdown()
            try await Self.untilDraining(server)
            // Longer than what is queued for clients gets at the end.
            try await Task.sleep(for: .milliseconds(500))
            try await alice.ping()
            let bob = try await server.signal("bob")
            #expect(try await bob.join().otherParticipants.map(\.identity) == ["alice"])
            bob.cut()
            alice.cut()
            try await group.waitForAll()
        }
    }

    /// Waits until no room is opened any more.
    private static func untilDraining(_ server: TestServer) async throws {
        let token = try TestServer.token("bob", room: "other")
        try await eventually {
            let answer = try await HTTPClient.request(
                port: server.port, "GET", "/rtc/validate?access_token=\(token)")
            return answer.status == 503 ? () : nil
        }
    }

    @Test("The second signal does not wait for anybody, and tells those who are there")
    func force() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(4))
        try await TestServer.withServer { server, instance in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            async let stopping: Void = instance.stop(at: signals)
            continuation.yield("SIGTERM")
            try await Self.untilDraining(server)
            try await alice.ping()
            continuation.yield("SIGTERM")
            let leave = try await alice.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .serverShutdown)
            continuation.finish()
            await stopping
        }
    }

    @Test("Draining is bounded where that is configured")
    func boundedDrain() async throws {
        try await TestServer.withServer {
            $0.timeouts.participants = .milliseconds(300)
        } _: { server, instance in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            await instance.drain()
            let leave = try await alice.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .serverShutdown)
        }
    }

    @Test("A server that is stopped logs no error, nor one that is cancelled", arguments: [false, true])
    func quietEnd(isCancelled: Bool) async throws {
        let log = CapturedLog()
        let (joined, joining) = AsyncStream.makeStream(of: Void.self)
        let running = Task {
            try await TestServer.withServer(logger: log.logger) { server, instance in
                let alice = try await server.signal("alice")
                _ = try await alice.join()
                joining.yield()
                if isCancelled { try await Task.sleep(for: .seconds(60)) }
                await instance.shutdown()
            }
        }
        for await _ in joined { break }
        if isCancelled { running.cancel() }
        _ = await running.result
        let lines = log.text.split(separator: "\n")
        #expect(lines.contains { $0.contains("participant joined") })
        #expect(!lines.contains { $0.hasPrefix("error") || $0.hasPrefix("critical") }, "\(lines.suffix(5))")
    }

    @Test("A server whose media port is silent says that it is not ready")
    func health() async throws {
        let health = NodeHealth(now: .start)
        func isFit(_ seconds: Int64) -> Bool {
            health.measured(now: .start + .seconds(seconds))
            return health.isFit(now: .start + .seconds(seconds))
        }
        #expect(isFit(24) && !isFit(25))
        health.answered(now: .start + .seconds(30))
        #expect(isFit(54) && !isFit(56))
        // A probe every ten seconds, with two seconds for its answer: the node is unfit within 30 s of its last answer.
        #expect(NodeHealth.patience <= .seconds(28))
    }

    @Test(
        "A server that was not measured for four seconds, because a room or the monitor is stuck, is not ready either")
    func stuckMonitor() {
        let health = NodeHealth(now: .start)
        health.answered(now: .start + .seconds(3))
        #expect(health.isFit(now: .start + .seconds(4)))
        #expect(!health.isFit(now: .start + .milliseconds(4001)))
        health.measured(now: .start + .seconds(5))
        #expect(health.isFit(now: .start + .seconds(9)))
    }

    @Test("The landing page tells it")
    func healthOverHTTP() async throws {
        let offset = SteppedClock()
        try await TestServer.with(clock: offset.clock) { server in
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
            server.media.isSilent.store(true, ordering: .relaxed)
            offset.advance(bySeconds: 26)
            let page = try await HTTPClient.request(port: server.port, "GET", "/")
            #expect(page.status == 406 && page.body == "Not Ready")
        }
    }

    @Test("The media port answers itself; a closed one does not")
    func probe() async throws {
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration())
        #expect(await plane.answers(within: .seconds(30)))
        #expect(await plane.answers(within: .seconds(30)))
        #expect(await plane.takeCounts().strangers == 0)
        await plane.shutdown()
        #expect(await !plane.answers(within: .milliseconds(200)))
    }

    @Test("A log line is one JSON object, whatever is logged")
    func jsonLogs() throws {
        let log = Lines()
        var logger = Logger(label: "livekit.server") { label in
            JSONLogHandler(label: label, level: .debug, write: { line in log.add(line) })
        }
        logger[metadataKey: "room"] = "a\"b\\\n\u{1B}[31m\u{2028}"
        logger.warning("what\tever", metadata: ["list": ["x", "y"], "deep": ["k": "v"], "n": "\(3)"])
        logger.trace("not written")
        let lines = log.all
        #expect(lines.count == 1 && lines.first?.hasSuffix("\n") == true)
        #expect(lines.first?.dropLast().contains("\n") == false)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data((lines.first ?? "").utf8)) as? [String: Any])
        #expect(object["level"] as? String == "warn" && object["msg"] as? String == "what\tever")
        #expect(
            object["room"] as? String == "a\"b\\\n\u{1B}[31m\u{2028}" && object["logger"] as? String == "livekit.server"
        )
        #expect((object["list"] as? [String]) == ["x", "y"])
        #expect(JSONLogHandler.timestamp(1_700_000_000_123) == "2023-11-14T22:13:20.123Z")
    }

    @Test("Each component may have a level of its own")
    func componentLevels() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: "logging: {level: warn, component_levels: {livekit: debug, livekit.turn: error}}")
        #expect(configuration.logLevel(of: "livekit.server") == .debug)
        #expect(
            configuration.logLevel(of: "livekit.turn") == .error && configuration.logLevel(of: "livekitx") == .warning)
    }
}
