import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Agents: the jobs that rooms want done, on simulated time")
final class AgentBoardTests {
    private var board = AgentBoard(unixNanosecondsAtStart: 0, random: DeterministicRandom(seed: 1))
    private var now = MediaInstant.start
    private var check = 0

    private func launch(_ change: (inout AgentJobRequest) -> Void = { _ in }) -> [AgentBoard.Effect] {
        var request = AgentJobRequest(dispatch: Livekit_AgentDispatch(), type: .jtRoom, room: Livekit_Room())
        request.dispatch.id = "AD_1"
        request.dispatch.agentName = "helper"
        request.room.sid = "RM_1"
        change(&request)
        return execute(.launch(request))
    }

    private func execute(_ command: AgentCommand) -> [AgentBoard.Effect] {
        board.execute(command, now: now)
        return effects()
    }

    private func effects() -> [AgentBoard.Effect] {
        let effects = board.takeEffects()
        for case .check(let number) in effects { check = number }
        return effects
    }

    /// A node says that it has workers for jobs about rooms.
    private func learn(names: [String] = ["helper"], namespaces: [String] = [""]) -> [AgentBoard.Effect] {
        var response = Rpc_CheckEnabledResponse()
        response.roomEnabled = true
        response.agentNames = names
        response.namespaces = namespaces
        board.learn(response, check: check, now: now)
        return effects()
    }

    private func answer(_ job: Livekit_Job?, _ result: Result<Livekit_JobState, RPCError>) -> [AgentBoard.Effect] {
        board.answered(job?.id ?? "", result, now: now)
        return effects()
    }

    private func end(
        _ job: Livekit_Job, _ ending: AgentBoard.Ending, _ result: Result<Livekit_JobState, RPCError>
    ) -> [AgentBoard.Effect] {
        board.ended(job, by: ending, result, now: now)
        return effects()
    }

    private func pass(_ duration: MediaDuration) -> [AgentBoard.Effect] {
        let end = now + duration
        var all: [AgentBoard.Effect] = []
        while now < end {
            now = now + .milliseconds(500)
            board.handleTimeout(now: now)
            all += effects()
        }
        return all
    }

    private static let running: Livekit_JobState = {
        var state = Livekit_JobState()
        state.status = .jsRunning
        state.workerID = "AW_1"
        state.startedAt = 1
        return state
    }()
    private static let exhausted = RPCError(.resourceExhausted, "no workers available")

    /// A job that a worker has.
    private func runningJob() throws -> Livekit_Job {
        _ = launch()
        let job = try #require(learn().asked.first)
        #expect(answer(job, .success(Self.running)).reports == [.assigned])
        var taken = job
        taken.state = Self.running
        return taken
    }

    @Test("A launch asks all nodes what workers they have, and then for a worker; who takes the job is told")
    func asks() throws {
        #expect(launch() == [.check(1)])
        #expect(learn(names: ["stranger"]).isEmpty)
        let job = try #require(learn().asked.first)
        #expect(job.id.hasPrefix("AJ_") && job.dispatchID == "AD_1" && job.agentName == "helper")
        #expect(learn().isEmpty, "another node that has them, too")
        let taken = answer(job, .success(Self.running))
        #expect(taken.reports == [.assigned] && taken.reportedJobs.first?.state == Self.running)
        #expect(launch().asked.count == 1, "what the nodes said still holds")
        _ = pass(.seconds(61))
        #expect(launch().contains(.check(2)))
    }

    @Test("What nodes said to an earlier question counts no more")
    func staleAnswers() {
        #expect(launch() == [.check(1)])
        board.workersChanged(now: now)
        #expect(effects().isEmpty, "not so soon again")
        #expect(pass(.milliseconds(500)) == [.check(2)])
        check = 1
        #expect(learn().isEmpty)
        check = 2
        #expect(learn().asked.count == 1)
    }

    @Test("Each namespace that has workers gets a job of its own; where there is none for it, it is forgotten")
    func namespaces() throws {
        _ = launch()
        let jobs = learn(names: ["helper", "other"], namespaces: ["a", "b"]).asked
        #expect(jobs.map(\.namespace).sorted() == ["a", "b"] && Set(jobs.map(\.id)).count == 2)
        #expect(answer(jobs.first, .failure(.noResponse)).isEmpty)
        #expect(answer(jobs.last, .success(Self.running)).reports == [.assigned])
        #expect(pass(.seconds(31)).isEmpty)
    }

    @Test("A job waits for a worker: it is asked for each five seconds and when one is heard of, half a minute long")
    func patience() throws {
        _ = launch()
        let job = learn().asked.first
        #expect(answer(job, .failure(Self.exhausted)).isEmpty)
        #expect(pass(.milliseconds(4500)).isEmpty)
        #expect(pass(.milliseconds(500)).asked.map(\.id) == [job?.id])
        _ = answer(job, .failure(Self.exhausted))
        board.workersChanged(now: now)
        #expect(effects().asked.map(\.id) == [job?.id])
        _ = answer(job, .failure(Self.exhausted))
        var rest: [AgentBoard.Effect] = []
        for _ in 0..<5 {
            rest += pass(.seconds(5))
            _ = answer(rest.asked.last, .failure(Self.exhausted))
        }
        #expect(rest.last == .dropped)
        #expect(pass(.seconds(31)).isEmpty)
    }

    @Test("A launch for which nobody has workers waits for some, half a minute and no longer")
    func noWorkers() {
        _ = launch()
        _ = pass(.seconds(20))
        board.workersChanged(now: now)
        #expect(effects() == [.check(2)])
        #expect(learn().asked.count == 1)
        _ = launch { $0.dispatch.agentName = "nobody" }
        #expect(pass(.seconds(31)).contains(.dropped))
        board.workersChanged(now: now)
        #expect(effects().isEmpty)
    }

    @Test("So many jobs are asked for at once; the others wait for those")
    func bound() {
        for _ in 0...AgentBounds.questions { _ = launch() }
        let asked = learn().asked
        #expect(asked.count == AgentBounds.questions)
        #expect(answer(asked.first, .success(Self.running)).asked.count == 1)
    }

    @Test("What a room withdraws is asked for no more, and ended where somebody took it")
    func withdrawal() throws {
        _ = launch()
        let job = try #require(learn().asked.first)
        #expect(execute(.withdrawDispatch("AD_1")) == [.cancel(jobID: job.id)])
        #expect(answer(job, .success(Self.running)) == [.cancel(jobID: job.id)])
        let other = launch {
            $0.participant = Livekit_ParticipantInfo()
            $0.participant?.identity = "bob"
        }.asked.first
        _ = answer(other, .failure(Self.exhausted))
        #expect(execute(.withdrawParticipant(RoomSID(rawValue: "RM_1"), identity: "bob")).isEmpty)
        #expect(pass(.seconds(31)).isEmpty)
    }

    @Test("A job is ended at its worker's node; its room is told how, even if nobody knows it there")
    func termination() throws {
        let job = try runningJob()
        let ending = AgentBoard.Ending.terminated(.jsrDispatchDeleted)
        #expect(execute(.terminate([job], .jsrDispatchDeleted)) == [.end(job, ending)])
        var state = Self.running
        state.endedAt = 7
        let told = end(job, ending, .success(state))
        #expect(told.reports == [.ended] && told.reportedJobs.first?.state.endedAt == 7)
        #expect(told.reportedJobs.first?.state.reason == .jsrDispatchDeleted)
        let unknown = end(job, ending, .failure(.noResponse))
        #expect(unknown.reports == [.ended] && unknown.reportedJobs.first?.state.endedAt == 0 + now.nanoseconds)
    }

    @Test("An agent that left: its worker says how the job ended, or the node does")
    func agentLeft() throws {
        let job = try runningJob()
        let ending = AgentBoard.Ending.agentLeft(mayRestart: true)
        #expect(execute(.agentLeft(job, mayRestart: true)) == [.end(job, ending)])
        #expect(end(job, ending, .success(Self.running)).isEmpty)
        var failed = Self.running
        (failed.status, failed.endedAt) = (.jsFailed, 7)
        #expect(end(job, ending, .success(failed)).reportedJobs.map(\.state) == [failed])
        #expect(end(job, ending, .failure(.noResponse)).reportedJobs.map(\.state.status) == [.jsSuccess])
    }

    @Test("A job without worker and agent is asked for again with its state, until the patience is over")
    func relaunch() throws {
        let job = try runningJob()
        var state = Self.running
        state.workerID = ""
        let again = end(job, .agentLeft(mayRestart: true), .success(state))
        #expect(again.reports == [.updated] && again.reportedJobs.first?.state.reason == .jsrRetrying)
        let asked = try #require(again.asked.first)
        #expect(asked.id == job.id && asked.state.startedAt == 1)
        #expect(answer(asked, .success(Self.running)).reports == [.updated])
        _ = end(job, .agentLeft(mayRestart: true), .success(state))
        _ = answer(asked, .failure(.noResponse))
        now = now + .seconds(30)
        let end = pass(.milliseconds(500))
        #expect(end.reports == [.ended] && end.reportedJobs.first?.state.reason == .jsrNoCapacity)
    }

    @Test("A job that may not restart fails with its worker")
    func neverAgain() throws {
        let job = try runningJob()
        var state = Self.running
        state.workerID = ""
        let end = end(job, .agentLeft(mayRestart: false), .success(state))
        #expect(end.reports == [.ended] && end.reportedJobs.first?.state.status == .jsFailed && end.asked.isEmpty)
    }

    @Test("A job that is asked for again ends with its dispatch")
    func terminatedWhileAskedFor() throws {
        let job = try runningJob()
        var state = Self.running
        state.workerID = ""
        _ = end(job, .agentLeft(mayRestart: true), .success(state))
        let end = execute(.terminate([job], .jsrDispatchDeleted))
        #expect(end.contains(.cancel(jobID: job.id)) && end.reports == [.ended])
        #expect(answer(job, .success(Self.running)) == [.cancel(jobID: job.id)])
    }
}

extension [AgentBoard.Effect] {
    fileprivate var asked: [Livekit_Job] { compactMap { if case .ask(let job) = $0 { job } else { nil } } }

    fileprivate var reports: [AgentJobChange] {
        compactMap { if case .report(_, let change) = $0 { change } else { nil } }
    }

    fileprivate var reportedJobs: [Livekit_Job] {
        compactMap { if case .report(let job, _) = $0 { job } else { nil } }
    }
}
