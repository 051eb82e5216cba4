import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Agents: the pool of workers, on simulated time")
final class AgentPoolTests {
    private var pool = AgentPool(unixNanosecondsAtStart: 1, random: DeterministicRandom(seed: 1))
    private var now = MediaInstant.start
    private var count = 0

    @discardableResult
    private func addWorker(
        _ id: String, _ change: (inout Livekit_RegisterWorkerRequest) -> Void = { _ in }
    ) throws -> [AgentPool.Effect] {
        var request = Livekit_RegisterWorkerRequest()
        request.agentName = "helper"
        change(&request)
        pool.add(try AgentWorker(id: id, apiKey: "key", request))
        return pool.takeEffects()
    }

    /// What comes of another node's question for a worker.
    private func take(
        within patience: MediaDuration = .seconds(30), _ change: (inout Livekit_Job) -> Void = { _ in }
    ) -> [AgentPool.Effect] {
        var job = Livekit_Job()
        count += 1
        job.id = "AJ_\(count)"
        job.dispatchID = "AD_1"
        job.agentName = "helper"
        job.room.name = "room"
        job.room.sid = "RM_1"
        change(&job)
        pool.take(job, patience: now + patience, now: now)
        return pool.takeEffects()
    }

    private func setLoad(_ load: Float, of worker: String) -> [AgentPool.Effect] {
        var status = Livekit_UpdateWorkerStatus()
        status.load = load
        return receive(.updateWorker(status), from: worker)
    }

    private func receive(
        _ message: Livekit_WorkerMessage.OneOf_Message, from worker: String
    ) -> [AgentPool.Effect] {
        pool.receive(message, from: worker, now: now)
        return pool.takeEffects()
    }

    private func answer(_ offer: Offer?, available: Bool = true) -> [AgentPool.Effect] {
        var response = Livekit_AvailabilityResponse()
        response.jobID = offer?.job.id ?? ""
        response.available = available
        response.participantIdentity = "agent-1"
        return receive(.availability(response), from: offer?.worker ?? "")
    }

    private func pass(_ duration: MediaDuration) -> [AgentPool.Effect] {
        let end = now + duration
        while now < end {
            now = now + .milliseconds(500)
            pool.handleTimeout(now: now)
        }
        return pool.takeEffects()
    }

    @Test("A job goes to a worker of its name, kind, namespace and deployment, and to no other")
    func fitting() throws {
        try addWorker("other name") { $0.agentName = "stranger" }
        try addWorker("other kind") { $0.type = .jtPublisher }
        try addWorker("other deployment") { $0.deployment = "canary" }
        try addWorker("other namespace") { $0.namespace = "elsewhere" }
        #expect(take().failures == [.resourceExhausted] && pool.jobs.isEmpty)
        try addWorker("right")
        let offer = try #require(take().offers.first)
        #expect(offer.worker == "right" && offer.job.dispatchID == "AD_1" && !offer.isResuming)
        #expect(take { $0.deployment = "canary" }.offers.map(\.worker) == ["other deployment"])
        #expect(take { $0.namespace = "elsewhere" }.offers.map(\.worker) == ["other namespace"])
    }

    @Test("Nodes learn which workers there are, how much they would do, and of those that begin to take jobs")
    func enabled() throws {
        #expect(pool.enabled == Rpc_CheckEnabledResponse())
        #expect(try addWorker("a").topics == [["helper", "room"]])
        try addWorker("b") { $0.type = .jtPublisher }
        #expect(try addWorker("c").topics.isEmpty)
        #expect(
            try addWorker("d") { ($0.namespace, $0.deployment) = ("ns", "canary") }.topics == [
                ["helper_ns_canary", "room"]
            ])
        #expect(try addWorker("e") { $0.agentName = "" }.topics == [["", "room"]])
        let enabled = pool.enabled
        #expect(enabled.roomEnabled && enabled.publisherEnabled && !enabled.participantEnabled)
        #expect(enabled.namespaces == ["", "ns"] && enabled.agentNames == ["", "helper"])
        var job = Livekit_Job()
        job.agentName = "helper"
        _ = setLoad(0.5, of: "c")
        #expect(abs(pool.affinity(for: job) - 0.9) < 0.001, "0.7 and 0.2")
        job.agentName = "nobody"
        #expect(pool.affinity(for: job) == 0)
        #expect(setLoad(0.9, of: "c").news == 0 && setLoad(0.4, of: "c").news == 1)
        pool.remove(worker: "a", now: now)
        #expect(pool.takeEffects().closed.isEmpty)
        pool.remove(worker: "c", now: now)
        #expect(pool.takeEffects().closed == [["helper", "room"]])
    }

    @Test("The idler a worker, the likelier; busy and full ones get nothing")
    func weights() throws {
        for (id, load) in [("idle", Float(0)), ("half", 0.5), ("busy", 1)] {
            try addWorker(id)
            _ = setLoad(load, of: id)
        }
        try addWorker("full")
        var full = Livekit_UpdateWorkerStatus()
        full.status = .wsFull
        _ = receive(.updateWorker(full), from: "full")
        var counts: [String: Int] = [:]
        for _ in 0..<600 { counts[take().offers.first?.worker ?? "", default: 0] += 1 }
        #expect(Set(counts.keys) == ["idle", "half"])
        #expect((350...450).contains(counts["idle"] ?? 0), "\(counts)")
    }

    @Test("While everybody is loaded over the target nobody here takes a job")
    func targetLoad() throws {
        try addWorker("worker")
        _ = setLoad(0.7, of: "worker")
        #expect(take().failures == [.resourceExhausted])
        _ = setLoad(0.69, of: "worker")
        #expect(take().offers.map(\.worker) == ["worker"])
        pool = AgentPool(unixNanosecondsAtStart: 0, targetLoad: 0.3, random: DeterministicRandom(seed: 1))
        try addWorker("worker")
        _ = setLoad(0.3, of: "worker")
        #expect(take().failures == [.resourceExhausted])
        try addWorker("idle")
        #expect(take().offers.count == 1)
    }

    @Test("A simulated job goes to the worker that asked, whatever it does otherwise: a room's, or a publisher's")
    func simulation() throws {
        try addWorker("other") { $0.type = .jtRoom }
        try addWorker("asker") { $0.type = .jtParticipant }
        var request = Livekit_SimulateJobRequest()
        request.type = .jtParticipant
        request.room.name = "rehearsal"
        let ofRoom = try #require(receive(.simulateJob(request), from: "asker").offers.first)
        #expect(ofRoom.worker == "asker" && ofRoom.job.type == .jtRoom && ofRoom.job.room.name == "rehearsal")
        request.participant.identity = "alice"
        let ofPublisher = try #require(receive(.simulateJob(request), from: "asker").offers.first)
        #expect(ofPublisher.worker == "asker" && ofPublisher.job.type == .jtPublisher)
        #expect(ofPublisher.job.participant.identity == "alice")
        #expect(answer(ofPublisher, available: false).offers.isEmpty, "nobody else is asked")
    }

    @Test("A worker may end a job instead of taking it: it succeeded, and nobody else is asked")
    func terminationInAnswer() throws {
        try addWorker("worker")
        try addWorker("other")
        _ = pass(.seconds(7))
        let offer = try #require(take().offers.first)
        var response = Livekit_AvailabilityResponse()
        response.jobID = offer.job.id
        response.available = true
        response.terminate = true
        let effects = receive(.availability(response), from: offer.worker)
        #expect(effects.assignments.isEmpty && effects.offers.isEmpty && effects.reports.isEmpty)
        let state = try #require(effects.answers.first)
        #expect(state.status == .jsSuccess && state.endedAt == now.nanoseconds + 1)
        #expect(pool.jobs.isEmpty)
    }

    @Test("Who accepts gets the assignment, and whoever asked is answered; how the job ends is told")
    func assignment() throws {
        try addWorker("worker")
        let effects = answer(take().offers.first)
        let job = try #require(effects.assignments.first)
        #expect(job.state.status == .jsRunning && job.state.workerID == "worker" && job.state.startedAt > 0)
        #expect(job.state.participantIdentity == "agent-1")
        #expect(effects.answers == [job.state] && effects.reports.isEmpty)
        var update = Livekit_UpdateJobStatus()
        update.jobID = job.id
        update.status = .jsRunning
        #expect(receive(.updateJob(update), from: "worker").reports == [.updated])
        update.status = .jsFailed
        update.error = "why"
        let end = receive(.updateJob(update), from: "worker")
        #expect(end.reports == [.ended] && end.reportedJobs.first?.state.error == "why" && end.forgotten == [job.id])
        #expect(pool.jobs.isEmpty)
        #expect(receive(.updateJob(update), from: "worker").isEmpty, "it has ended")
    }

    @Test("Refusals and silence of ten seconds let the next worker be asked, each once, and then whoever asked knows")
    func refusals() throws {
        for id in ["a", "b", "c"] { try addWorker(id) }
        let first = try #require(take().offers.first)
        let second = try #require(answer(first, available: false).offers.first)
        #expect(second.worker != first.worker)
        #expect(pass(.milliseconds(9500)).isEmpty)
        let third = try #require(pass(.seconds(1)).offers.first)
        #expect(Set([first, second, third].map(\.worker)) == ["a", "b", "c"])
        let last = answer(third, available: false)
        #expect(last.offers.isEmpty && last.failures == [.resourceExhausted] && last.forgotten == [first.job.id])
        #expect(answer(second).assignments.isEmpty, "too late")
    }

    @Test("Nobody is asked for longer than whoever asked waits")
    func patience() throws {
        for id in ["a", "b"] { try addWorker(id) }
        let offer = take(within: .seconds(3)).offers.first
        let end = pass(.seconds(3))
        #expect(end.failures == [.deadlineExceeded] && end.offers.isEmpty)
        #expect(answer(offer).isEmpty)
    }

    @Test("A job that is here is not taken twice")
    func duplicates() throws {
        try addWorker("worker")
        let job = try #require(answer(take().offers.first).assignments.first)
        #expect(take { $0.id = job.id }.failures == [.alreadyExists])
        #expect(pool.jobs[job.id]?.phase == .running(worker: "worker"))
    }

    @Test("A vanished worker's job is told of after 5 seconds, and given up to whoever asks whether its agent left")
    func vanished() throws {
        try addWorker("first")
        let job = try #require(answer(take().offers.first).assignments.first)
        try addWorker("second")
        pool.remove(worker: "first", now: now)
        #expect(try pool.terminate(job.id, .agentLeftRoom, now: now).status == .jsRunning, "it may come back")
        #expect(pass(.milliseconds(4500)).isEmpty)
        let orphaned = pass(.milliseconds(500))
        #expect(orphaned.reports == [.orphaned])
        #expect(orphaned.reportedJobs.map { AgentJobChange($0.state) } == [.orphaned])
        let state = try pool.terminate(job.id, .agentLeftRoom, now: now)
        #expect(state.workerID.isEmpty && state.endedAt == 0 && state.participantIdentity == "agent-1")
        #expect(pool.takeEffects().forgotten == [job.id])
        let offer = try #require(
            take {
                $0.id = job.id
                $0.state = state
            }.offers.first)
        #expect(offer.worker == "second" && offer.isResuming && offer.job.id == job.id)
        let resumed = try #require(answer(offer).answers.first)
        #expect(resumed.startedAt == job.state.startedAt && resumed.workerID == "second")
    }

    @Test("A worker that comes back goes on with its jobs")
    func returned() throws {
        try addWorker("before")
        let job = try #require(answer(take().offers.first).assignments.first)
        pool.remove(worker: "before", now: now)
        _ = pass(.seconds(2))
        try addWorker("after")
        var migration = Livekit_MigrateJobRequest()
        migration.jobIds = [job.id, "AJ_unknown"]
        #expect(receive(.migrateJob(migration), from: "after").reportedJobs.map(\.state.workerID) == ["after"])
        #expect(pass(.seconds(20)).isEmpty)
        #expect(pool.jobs[job.id]?.phase == .running(worker: "after"))
    }

    @Test("A job whose worker never comes back and whose room never asks is forgotten some day")
    func lost() throws {
        try addWorker("before")
        _ = answer(take().offers.first)
        pool.remove(worker: "before", now: now)
        _ = pass(.seconds(6))
        #expect(pool.jobs.count == 1)
        now = now + AgentBounds.memory
        _ = pass(.milliseconds(500))
        #expect(pool.jobs.isEmpty)
    }

    @Test("Termination is told to the worker, and how the job ended to whoever ends it; what was offered is forgotten")
    func termination() throws {
        try addWorker("worker")
        let running = try #require(answer(take().offers.first).assignments.first)
        let state = try pool.terminate(running.id, .terminationRequested, now: now)
        #expect(state.status == .jsSuccess && state.endedAt > 0)
        let end = pool.takeEffects()
        #expect(end.terminations == [running.id] && end.reports.isEmpty && end.forgotten == [running.id])
        let offered = try #require(take().offers.first)
        _ = try pool.terminate(offered.job.id, .terminationRequested, now: now)
        #expect(pool.takeEffects().failures == [.canceled])
        #expect(answer(offered).isEmpty, "it is nobody's job any more")
        #expect(throws: RPCError(.notFound, "no worker for jobID")) {
            try pool.terminate("AJ_unknown", .terminationRequested, now: now)
        }
    }

    @Test("An agent that leaves its room has three seconds to say how its job ended")
    func agentLeaves() throws {
        try addWorker("worker")
        let first = try #require(answer(take().offers.first).assignments.first)
        #expect(try pool.terminate(first.id, .agentLeftRoom, now: now).endedAt == 0)
        var update = Livekit_UpdateJobStatus()
        update.jobID = first.id
        update.status = .jsSuccess
        #expect(receive(.updateJob(update), from: "worker").reportedJobs.first?.state.status == .jsSuccess)
        let second = try #require(answer(take().offers.first).assignments.first)
        _ = try pool.terminate(second.id, .agentLeftRoom, now: now)
        let end = pass(.seconds(4))
        #expect(end.terminations == [second.id] && end.reportedJobs.first?.state.status == .jsFailed)
    }

    @Test("A registration that makes no sense is refused")
    func registration() {
        var request = Livekit_RegisterWorkerRequest()
        for deployment in ["a_b", "a b", String(repeating: "x", count: 65)] {
            request.deployment = deployment
            #expect(throws: AgentWorker.Refusal.self) { try AgentWorker(id: "AW_", apiKey: "key", request) }
        }
        request.deployment = ""
        request.type = .UNRECOGNIZED(9)
        #expect(throws: AgentWorker.Refusal.self) { try AgentWorker(id: "AW_", apiKey: "key", request) }
    }
}

struct Offer {
    var worker: String
    var job: Livekit_Job
    var isResuming: Bool
}

extension [AgentPool.Effect] {
    fileprivate var offers: [Offer] {
        compactMap { effect in
            guard case .send(let worker, .availability(let request)) = effect else { return nil }
            return Offer(worker: worker, job: request.job, isResuming: request.resuming)
        }
    }

    fileprivate var assignments: [Livekit_Job] {
        compactMap { if case .assign(_, let job, _) = $0 { job } else { nil } }
    }

    fileprivate var answers: [Livekit_JobState] {
        compactMap { if case .answer(_, .success(let state)) = $0 { state } else { nil } }
    }

    fileprivate var failures: [RPCError.Code] {
        compactMap { if case .answer(_, .failure(let error)) = $0 { error.code } else { nil } }
    }

    fileprivate var forgotten: [String] {
        compactMap { if case .forgot(let id) = $0 { id } else { nil } }
    }

    fileprivate var topics: [[String]] { compactMap { if case .opened(let topic) = $0 { topic } else { nil } } }

    fileprivate var closed: [[String]] { compactMap { if case .closed(let topic) = $0 { topic } else { nil } } }

    fileprivate var news: Int { filter { if case .workersChanged = $0 { true } else { false } }.count }

    fileprivate var terminations: [String] {
        compactMap { if case .send(_, .termination(let termination)) = $0 { termination.jobID } else { nil } }
    }

    fileprivate var reports: [AgentJobChange] {
        compactMap { if case .report(_, let change) = $0 { change } else { nil } }
    }

    fileprivate var reportedJobs: [Livekit_Job] {
        compactMap { if case .report(let job, _) = $0 { job } else { nil } }
    }
}
