import LiveKitCore
import LiveKitProtobuf
import NIOWebSocket
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: agents' workers", .timeLimit(.minutes(1)))
struct AgentSocketTests {
    private static func register(_ worker: WorkerClient, as name: String, asText: Bool = false) async throws -> String {
        var request = Livekit_RegisterWorkerRequest()
        request.agentName = name
        try worker.send(.register(request), asText: asText)
        let answer = try await worker.first { if case .register(let it) = $0 { it } else { nil } }
        #expect(answer.serverInfo.agentProtocol == 1 && answer.serverInfo.version == LiveKitServer.compatibleVersion)
        return answer.workerID
    }

    private static func dispatch(_ server: TestServer, _ name: String) async throws {
        let answer = try await server.call(
            "CreateDispatch", #"{"room":"room","agent_name":"\#(name)","metadata":"please"}"#,
            service: "AgentDispatchService")
        #expect(answer.status == 200)
    }

    private static func offer(to worker: WorkerClient) async throws -> Livekit_Job {
        try await worker.first { if case .availability(let it) = $0 { it.job } else { nil } }
    }

    private static func answer(_ job: Livekit_Job, available: Bool = true) -> Livekit_WorkerMessage.OneOf_Message {
        var answer = Livekit_AvailabilityResponse()
        answer.jobID = job.id
        answer.available = available
        answer.participantIdentity = "agent-1"
        answer.participantName = "Helper"
        return .availability(answer)
    }

    private static func jobs(_ server: TestServer) async throws -> [Livekit_Job] {
        let answer = try await server.call(
            "ListDispatch", #"{"room":"room"}"#, service: "AgentDispatchService")
        return try Livekit_ListAgentDispatchResponse(jsonString: answer.body).agentDispatches.flatMap(\.state.jobs)
    }

    @Test(
        "A worker registers, takes a job, its agent joins by the token, and its states are told",
        arguments: [false, true])
    func works(asText: Bool) async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let worker = try await server.worker()
            #expect(try await Self.register(worker, as: "helper", asText: asText).hasPrefix("AW_"))
            try await Self.dispatch(server, "helper")
            let job = try await Self.offer(to: worker)
            #expect(job.room.name == "room" && job.metadata == "please" && job.agentName == "helper")
            try worker.send(Self.answer(job), asText: asText)
            let assignment = try await worker.first { if case .assignment(let it) = $0 { it } else { nil } }
            #expect(assignment.job.id == job.id && assignment.job.state.status == .jsRunning)

            let agent = try await SignalClient.connect(
                port: server.port, path: "/rtc?protocol=16&access_token=\(assignment.token)")
            let joined = try await agent.join().participant
            #expect(joined.identity == "agent-1" && joined.name == "Helper" && joined.kind == .agent)
            #expect(joined.attributes["lk.agent_name"] == "helper")
            #expect(try await Self.jobs(server).map(\.state.status) == [.jsRunning])

            var update = Livekit_UpdateJobStatus()
            update.jobID = job.id
            update.status = .jsFailed
            update.error = "out of words"
            try worker.send(.updateJob(update), asText: asText)
            let failed = try await eventually {
                try await Self.jobs(server).first { $0.state.status == .jsFailed }
            }
            #expect(failed.state.error == "out of words" && failed.state.participantIdentity == "agent-1")
            worker.cut()
        }
    }

    @Test("Pings are answered before and after registering, in the form that asked", arguments: [false, true])
    func pings(asText: Bool) async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            for timestamp in [Int64(4711), 4712] {
                var ping = Livekit_WorkerPing()
                ping.timestamp = timestamp
                try worker.send(.ping(ping), asText: asText)
                let pong = try await worker.first { if case .pong(let it) = $0 { it } else { nil } }
                #expect(pong.lastTimestamp == timestamp && pong.timestamp > 0)
                if timestamp == 4711 { _ = try await Self.register(worker, as: "helper", asText: asText) }
            }
            worker.cut()
        }
    }

    @Test("What one worker refuses the next one is asked, and what a vanished one left unanswered")
    func nextWorker() async throws {
        try await TestServer.with { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let first = try await server.worker()
            _ = try await Self.register(first, as: "helper")
            try await Self.dispatch(server, "helper")
            let job = try await Self.offer(to: first)
            let second = try await server.worker()
            _ = try await Self.register(second, as: "helper")
            try first.send(Self.answer(job, available: false))
            #expect(try await Self.offer(to: second).id == job.id)
            let third = try await server.worker()
            _ = try await Self.register(third, as: "helper")
            second.cut()
            #expect(try await Self.offer(to: third).id == job.id)
            try third.send(Self.answer(job))
            let assignment = try await third.first { if case .assignment(let it) = $0 { it } else { nil } }
            #expect(assignment.job.id == job.id)
            // The dispatch goes, and with it the job.
            let dispatch = #"{"room":"room","dispatch_id":"\#(job.dispatchID)"}"#
            #expect(
                try await server.call("DeleteDispatch", dispatch, service: "AgentDispatchService").status == 200)
            let ended = try await third.first { if case .termination(let it) = $0 { it.jobID } else { nil } }
            #expect(ended == job.id)
        }
    }

    @Test("A server ends while a worker has not answered whether it takes a job")
    func endsMeanwhile() async throws {
        try await TestServer.withServer { server, instance in
            let worker = try await server.worker()
            _ = try await Self.register(worker, as: "helper")
            try await Self.dispatch(server, "helper")
            _ = try await Self.offer(to: worker)
            await instance.shutdown()
        }
    }

    @Test("Without the grant, or with a bad token, a worker is refused with 401")
    func refused() async throws {
        try await TestServer.with { server in
            await #expect(throws: WorkerClient.Refused.self) {
                try await server.worker { $0.video?.agent = false }
            }
            let upgrade = [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            ]
            for target in ["/agent", "/agent?access_token=bad", "/agent?access_token=\(try TestServer.token("alice"))"]
            {
                let answer = try await HTTPClient.request(port: server.port, "GET", target, headers: upgrade)
                #expect(answer.status == 401, "\(target)")
            }
        }
    }

    @Test("Who speaks before it registers, registers twice or talks nonsense is closed with 1008")
    func misbehaviour() async throws {
        try await TestServer.with { server in
            let early = try await server.worker()
            try early.send(.updateWorker(Livekit_UpdateWorkerStatus()))
            #expect(try await early.closed() == .policyViolation)
            let twice = try await server.worker()
            _ = try await Self.register(twice, as: "helper")
            try twice.send(.register(Livekit_RegisterWorkerRequest()))
            #expect(try await twice.closed() == .policyViolation)
            let nonsense = try await server.worker()
            nonsense.send(bytes: [0xFF, 0xFF, 0xFF], .binary)
            #expect(try await nonsense.closed() == .policyViolation)
            let wrongText = try await server.worker()
            wrongText.send(bytes: Array("{nope".utf8), .text)
            #expect(try await wrongText.closed() == .policyViolation)
            let named = try await server.worker()
            var request = Livekit_RegisterWorkerRequest()
            request.deployment = "a_b"
            try named.send(.register(request))
            #expect(try await named.closed() == .policyViolation)
        }
    }

    @Test("A worker's message over its own limit is closed with 1009, whatever participants may send")
    func messageLimit() async throws {
        try await TestServer.with {
            $0.limits.agentMessageBytes = 1000
        } _: { server in
            let worker = try await server.worker()
            _ = try await Self.register(worker, as: "helper")
            var status = Livekit_UpdateJobStatus()
            status.error = String(repeating: "x", count: 1100)
            try worker.send(.updateJob(status))
            #expect(try await worker.closed() == .messageTooLarge)
        }
        try await TestServer.with {
            $0.limits.signalMessageBytes = 1000
        } _: { server in
            let worker = try await server.worker()
            _ = try await Self.register(worker, as: "helper")
            var status = Livekit_UpdateJobStatus()
            status.error = String(repeating: "x", count: 1100)
            try worker.send(.updateJob(status))
            try worker.send(.ping(Livekit_WorkerPing()))
            _ = try await worker.first { if case .pong = $0 { true } else { nil } }
            worker.cut()
        }
    }

    @Test("Who has not registered after ten seconds is shown out")
    func lateRegistration() async throws {
        let clock = SteppedClock(stands: true)
        try await TestServer.with(clock: clock.clock) { server in
            let late = try await server.worker()
            let known = try await server.worker()
            _ = try await Self.register(known, as: "helper")
            clock.advance(bySeconds: 8)
            try late.send(.ping(Livekit_WorkerPing()))
            _ = try await late.first { if case .pong = $0 { true } else { nil } }
            try known.send(.ping(Livekit_WorkerPing()))
            _ = try await known.first { if case .pong = $0 { true } else { nil } }
            clock.advance(bySeconds: 3)
            #expect(try await late.closed() == .policyViolation)
            try known.send(.ping(Livekit_WorkerPing()))
            _ = try await known.first { if case .pong = $0 { true } else { nil } }
            known.cut()
        }
    }
}
