import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Agents: the pool of workers, on simulated time")
final class AgentPoolTests {
    private var pool = AgentPool(unixNanosecondsAtStart: 0, random: DeterministicRandom(seed: 1))
    private var now = MediaInstant.start

    @discardableResult
    private func addWorker(
        _ id: String, _ change: (inout Livekit_RegisterWorkerRequest) -> Void = { _ in }
    ) throws -> [AgentPool.Effect] {
        var request = Livekit_RegisterWorkerRequest()
        request.agentName = "helper"
        change(&request)
        pool.add(try AgentWorker(id: id, apiKey: "key", request), now: now)
        return pool.takeEffects()
    }

    private func launch(_ change: (inout AgentJobRequest) -> Void = { _ in }) -> [AgentPool.Effect] {
        var request = AgentJobRequest(dispatch: Livekit_AgentDispatch(), type: .jtRoom, room: Livekit_Room())
        request.dispatch.id = "AD_1"
        request.dispatch.agentName = "helper"
        request.room.name = "room"
        request.room.sid = "RM_1"
        change(&request)
        return execute(.launch(request))
    }

    private func execute(_ command: AgentCommand) -> [AgentPool.Effect] {
        pool.execute(command, now: now)
        return pool.takeEffects()
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
        #expect(launch().offers.isEmpty)
        try addWorker("right")
        let offer = try #require(launch().offers.first)
        #expect(offer.worker == "right" && offer.job.id.hasPrefix("AJ_") && offer.job.dispatchID == "AD_1")
        #expect(offer.job.agentName == "helper" && !offer.isResuming)
        let canary = launch { $0.dispatch.deployment = "canary" }
        #expect(canary.offers.map(\.worker) == ["other deployment"])
    }

    @Test("Each namespace that has workers gets a job of its own")
    func namespaces() throws {
        for name in ["a", "a", "b"] { try addWorker("\(name)\(pool.workers.count)") { $0.namespace = name } }
        let offers = launch().offers
        #expect(offers.map(\.job.namespace).sorted() == ["a", "b"])
        #expect(Set(offers.map(\.job.id)).count == 2)
    }

    @Test("The idler a worker, the likelier; busy and full ones get nothing")
    func weights() throws {
        for (id, load) in [("idle", Float(0)), ("half", 0.5), ("busy", 1)] {
            try addWorker(id)
            var status = Livekit_UpdateWorkerStatus()
            status.load = load
            _ = receive(.updateWorker(status), from: id)
        }
        try addWorker("full")
        var full = Livekit_UpdateWorkerStatus()
        full.status = .wsFull
        _ = receive(.updateWorker(full), from: "full")
        var counts: [String: Int] = [:]
        for _ in 0..<600 { counts[launch().offers.first?.worker ?? "", default: 0] += 1 }
        #expect(Set(counts.keys) == ["idle", "half"])
        #expect((350...450).contains(counts["idle"] ?? 0), "\(counts)")
    }

    @Test("While everybody is loaded over the target a job waits, and goes out when somebody is less busy")
    func targetLoad() throws {
        try addWorker("worker")
        var status = Livekit_UpdateWorkerStatus()
        status.load = 0.7
        _ = receive(.updateWorker(status), from: "worker")
        #expect(launch().offers.isEmpty)
        status.load = 0.69
        #expect(receive(.updateWorker(status), from: "worker").offers.map(\.worker) == ["worker"])
        pool = AgentPool(unixNanosecondsAtStart: 0, targetLoad: 0.3, random: DeterministicRandom(seed: 1))
        try addWorker("worker")
        status.load = 0.3
        _ = receive(.updateWorker(status), from: "worker")
        #expect(launch().offers.isEmpty)
        try addWorker("idle")
        #expect(pool.takeEffects().isEmpty && launch().offers.count == 1)
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
        let offer = try #require(launch().offers.first)
        var response = Livekit_AvailabilityResponse()
        response.jobID = offer.job.id
        response.available = true
        response.terminate = true
        let effects = receive(.availability(response), from: offer.worker)
        #expect(effects.assignments.isEmpty && effects.offers.isEmpty && effects.reports == [.ended])
        let state = try #require(effects.reportedJobs.first?.state)
        #expect(state.status == .jsSuccess && state.endedAt == now.nanoseconds)
        #expect(pool.jobs.isEmpty)
    }

    @Test("Who accepts gets the assignment, and the room is told; how the job ends too")
    func assignment() throws {
        try addWorker("worker")
        let offer = launch().offers.first
        let effects = answer(offer)
        let job = try #require(effects.assignments.first)
        #expect(job.state.status == .jsRunning && job.state.workerID == "worker")
        #expect(job.state.participantIdentity == "agent-1")
        #expect(effects.reports == [.assigned])
        var update = Livekit_UpdateJobStatus()
        update.jobID = job.id
        update.status = .jsRunning
        #expect(receive(.updateJob(update), from: "worker").reports == [.updated])
        update.status = .jsFailed
        update.error = "why"
        let end = receive(.updateJob(update), from: "worker")
        #expect(end.reports == [.ended] && end.reportedJobs.first?.state.error == "why")
        #expect(pool.jobs.isEmpty)
        #expect(receive(.updateJob(update), from: "worker").isEmpty, "it has ended")
    }

    @Test("Refusals and silence of ten seconds let the next worker be asked, each once")
    func refusals() throws {
        for id in ["a", "b", "c"] { try addWorker(id) }
        let first = try #require(launch().offers.first)
        let second = try #require(answer(first, available: false).offers.first)
        #expect(second.worker != first.worker)
        #expect(pass(.milliseconds(9500)).isEmpty)
        let third = try #require(pass(.seconds(1)).offers.first)
        #expect(Set([first, second, third].map(\.worker)) == ["a", "b", "c"])
        #expect(answer(third, available: false).offers.isEmpty)
        #expect(answer(second).assignments.isEmpty, "too late")
    }

    @Test("A job waits for a worker, half a minute and no longer")
    func patience() throws {
        #expect(launch().isEmpty)
        #expect(pass(.seconds(20)).isEmpty)
        #expect(try addWorker("late").offers.map(\.worker) == ["late"])
        #expect(launch { $0.dispatch.agentName = "nobody" }.isEmpty)
        _ = pass(.seconds(31))
        #expect(try addWorker("too late") { $0.agentName = "nobody" }.offers.isEmpty)
    }

    @Test("A vanished worker's job is offered again within 15 seconds, saying that it resumes")
    func vanished() throws {
        try addWorker("first")
        let job = try #require(answer(launch().offers.first).assignments.first)
        try addWorker("second")
        pool.remove(worker: "first", now: now)
        let gone = now
        var effects: [AgentPool.Effect] = []
        while effects.reports != [.orphaned], now - gone < .seconds(15) { effects = pass(.milliseconds(500)) }
        #expect(effects.reports == [.orphaned])
        let offer = try #require(execute(.relaunch(jobID: job.id)).offers.first)
        #expect(offer.worker == "second" && offer.isResuming && offer.job.id == job.id)
        #expect(now - gone < .seconds(15))
        #expect(answer(offer).reports == [.updated])
    }

    @Test("A worker that comes back goes on with its jobs")
    func returned() throws {
        try addWorker("before")
        let job = try #require(answer(launch().offers.first).assignments.first)
        pool.remove(worker: "before", now: now)
        _ = pass(.seconds(2))
        try addWorker("after")
        var migration = Livekit_MigrateJobRequest()
        migration.jobIds = [job.id, "AJ_unknown"]
        _ = receive(.migrateJob(migration), from: "after")
        #expect(pass(.seconds(20)).isEmpty)
        #expect(pool.jobs[job.id]?.phase == .running(worker: "after"))
    }

    @Test("A job that may not restart fails with its worker")
    func neverAgain() throws {
        try addWorker("first")
        let job = try #require(answer(launch { $0.dispatch.restartPolicy = .jrpNever }.offers.first).assignments.first)
        pool.remove(worker: "first", now: now)
        _ = pass(.seconds(6))
        let end = execute(.relaunch(jobID: job.id))
        #expect(end.reports == [.ended] && end.reportedJobs.first?.state.status == .jsFailed)
    }

    @Test("Termination is told to the worker; what nobody took is just forgotten")
    func termination() throws {
        try addWorker("worker")
        let running = try #require(answer(launch().offers.first).assignments.first)
        let end = execute(.terminate(jobIDs: [running.id], .jsrDispatchDeleted))
        #expect(end.terminations == [running.id] && end.reports == [.ended])
        let offered = try #require(launch().offers.first)
        #expect(execute(.withdrawDispatch("AD_1")).isEmpty)
        #expect(answer(offered).isEmpty, "it is nobody's job any more")
        var participant = Livekit_ParticipantInfo()
        participant.identity = "bob"
        try addWorker("greeter") { $0.type = .jtParticipant }
        let greeting = try #require(
            launch {
                $0.type = .jtParticipant
                $0.participant = participant
            }.offers.first)
        #expect(execute(.withdrawParticipant(RoomSID(rawValue: "RM_1"), identity: "bob")).isEmpty)
        #expect(answer(greeting).isEmpty)
    }

    @Test("An agent that leaves its room has three seconds to say how its job ended")
    func agentLeaves() throws {
        try addWorker("worker")
        let first = try #require(answer(launch().offers.first).assignments.first)
        _ = execute(.agentLeft(jobID: first.id))
        var update = Livekit_UpdateJobStatus()
        update.jobID = first.id
        update.status = .jsSuccess
        #expect(receive(.updateJob(update), from: "worker").reportedJobs.first?.state.status == .jsSuccess)
        let second = try #require(answer(launch().offers.first).assignments.first)
        _ = execute(.agentLeft(jobID: second.id))
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
