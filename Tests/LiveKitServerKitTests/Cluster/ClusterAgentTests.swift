import LiveKitCore
import LiveKitProtobuf
import LiveKitTestSupport
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite(
    "Agents' jobs across the nodes of a cluster, with a real Redis",
    .enabled(if: RedisServerProcess.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(1)))
struct ClusterAgentTests {
    private let redis: RedisServerProcess

    init() throws {
        redis = try RedisServerProcess()
    }

    /// A room of one node with alice in it, and a second node.
    private func withNodes(_ body: @Sendable (_ home: TestServer, _ away: TestServer) async throws -> Void) async throws
    {
        let configure: @Sendable (inout LiveKitServerConfiguration) -> Void = { [port = redis.port] in
            $0.redis.address = "127.0.0.1:\(port)"
        }
        try await TestServer.with(configure) { home in
            let alice = try await home.signal("alice")
            _ = try await alice.join()
            try await TestServer.with(configure) { away in try await body(home, away) }
            _ = alice
        }
    }

    private func worker(
        of server: TestServer, _ change: (inout Livekit_RegisterWorkerRequest) -> Void = { _ in }
    ) async throws -> WorkerClient {
        let worker = try await server.worker()
        var request = Livekit_RegisterWorkerRequest()
        request.agentName = "helper"
        change(&request)
        try worker.send(.register(request))
        _ = try await worker.first { if case .register(let it) = $0 { it } else { nil } }
        return worker
    }

    private func dispatch(_ server: TestServer) async throws -> String {
        let answer = try await server.call(
            "CreateDispatch", #"{"room":"room","agent_name":"helper","metadata":"please"}"#,
            service: "AgentDispatchService")
        return try Livekit_AgentDispatch(jsonString: answer.body).id
    }

    private func offer(to worker: WorkerClient) async throws -> Livekit_AvailabilityRequest {
        try await worker.first { if case .availability(let it) = $0 { it } else { nil } }
    }

    private func accept(
        _ job: Livekit_Job, on worker: WorkerClient, as identity: String = "agent-1"
    ) async throws -> Livekit_JobAssignment {
        var answer = Livekit_AvailabilityResponse()
        answer.jobID = job.id
        answer.available = true
        answer.participantIdentity = identity
        try worker.send(.availability(answer))
        return try await worker.first { if case .assignment(let it) = $0 { it } else { nil } }
    }

    private func join(_ server: TestServer, _ assignment: Livekit_JobAssignment) async throws -> SignalClient {
        let agent = try await SignalClient.connect(
            port: server.port, path: "/rtc?protocol=16&access_token=\(assignment.token)")
        _ = try await agent.join()
        return agent
    }

    private func jobs(_ server: TestServer) async throws -> [Livekit_Job] {
        let answer = try await server.call("ListDispatch", #"{"room":"room"}"#, service: "AgentDispatchService")
        return try Livekit_ListAgentDispatchResponse(jsonString: answer.body).agentDispatches.flatMap(\.state.jobs)
    }

    private func jobs(_ server: TestServer, _ isMeant: (Livekit_Job) -> Bool) async throws -> Livekit_Job {
        try await eventually { try await jobs(server).first(where: isMeant) }
    }

    @Test("A worker of another node gets the job, its agent joins, and the job ends with its dispatch")
    func reaches() async throws {
        try await withNodes { home, away in
            let worker = try await worker(of: away)
            let dispatch = try await dispatch(home)
            let job = try await offer(to: worker).job
            #expect(job.room.name == "room" && job.metadata == "please" && job.dispatchID == dispatch)
            let agent = try await join(away, try await accept(job, on: worker))
            let running = try await jobs(home) { $0.state.status == .jsRunning }
            #expect(running.state.participantIdentity == "agent-1" && running.metadata == "please")
            _ = try await home.call(
                "DeleteDispatch", #"{"room":"room","dispatch_id":"\#(dispatch)"}"#, service: "AgentDispatchService")
            let ended = try await worker.first { if case .termination(let it) = $0 { it.jobID } else { nil } }
            #expect(ended == job.id)
            let leave = try await agent.first { if case .leave(let it) = $0 { it } else { nil } }
            #expect(leave.reason == .participantRemoved)
            worker.cut()
        }
    }

    @Test("What the worker says of its job is known where its room is; the end of the room ends it")
    func tells() async throws {
        try await withNodes { home, away in
            let worker = try await worker(of: away)
            _ = try await dispatch(home)
            let first = try await offer(to: worker).job
            _ = try await accept(first, on: worker)
            var update = Livekit_UpdateJobStatus()
            update.jobID = first.id
            update.status = .jsFailed
            update.error = "out of words"
            try worker.send(.updateJob(update))
            let failed = try await jobs(home) { $0.state.status == .jsFailed }
            #expect(failed.state.error == "out of words" && failed.metadata == "please")
            _ = try await dispatch(home)
            let second = try await offer(to: worker).job
            _ = try await accept(second, on: worker)
            _ = try await jobs(home) { $0.state.status == .jsRunning }
            _ = try await home.call("DeleteRoom", #"{"room":"room"}"#)
            let ended = try await worker.first { if case .termination(let it) = $0 { it.jobID } else { nil } }
            #expect(ended == second.id)
            worker.cut()
        }
    }

    @Test("A job waits for a worker that comes on another node, and is asked of the next one that is refused there")
    func waits() async throws {
        try await withNodes { home, away in
            _ = try await dispatch(home)
            let late = try await worker(of: away)
            let job = try await offer(to: late).job
            let next = try await worker(of: home)
            var refusal = Livekit_AvailabilityResponse()
            refusal.jobID = job.id
            try late.send(.availability(refusal))
            var busy = Livekit_UpdateWorkerStatus()
            busy.status = .wsFull
            try late.send(.updateWorker(busy))
            #expect(try await offer(to: next).job.id == job.id)
            late.cut()
            next.cut()
        }
    }

    @Test("The idler node is asked: a job goes to the node whose workers have the least to do")
    func affinity() async throws {
        try await withNodes { home, away in
            let near = try await worker(of: home)
            var status = Livekit_UpdateWorkerStatus()
            status.load = 0.6
            try near.send(.updateWorker(status))
            try near.send(.ping(Livekit_WorkerPing()))
            _ = try await near.first { if case .pong = $0 { true } else { nil } }
            let far = try await worker(of: away)
            _ = try await dispatch(home)
            _ = try await offer(to: far)
            near.cut()
            far.cut()
        }
    }

    @Test("A job whose worker and agent vanish on another node goes on at a worker of this one, with its state")
    func relaunches() async throws {
        try await withNodes { home, away in
            let worker = try await worker(of: away)
            _ = try await dispatch(home)
            let job = try await offer(to: worker).job
            _ = try await accept(job, on: worker)
            _ = try await jobs(home) { $0.state.status == .jsRunning }
            let other = try await self.worker(of: home)
            worker.cut()
            let offer = try await eventually { try? await self.offer(to: other) }
            #expect(offer.job.id == job.id && offer.resuming)
            _ = try await accept(offer.job, on: other, as: "agent-2")
            let resumed = try await jobs(home) { $0.state.participantIdentity == "agent-2" }
            #expect(resumed.state.status == .jsRunning)
            other.cut()
        }
    }
}
