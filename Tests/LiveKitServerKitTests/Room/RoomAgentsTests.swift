import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: dispatches and jobs of agents")
struct RoomAgentsTests {
    private func dispatched(_ name: String = "helper") throws -> (RoomHarness, Livekit_AgentDispatch) {
        var room = RoomHarness()
        var wanted = Livekit_AgentDispatch()
        wanted.agentName = name
        wanted.metadata = "please"
        var made: Livekit_AgentDispatch?
        room.change { state, now in made = state.addDispatch(wanted, now: now) }
        return (room, try #require(made))
    }

    private func running(_ dispatch: Livekit_AgentDispatch, _ id: String = "AJ_1") -> Livekit_Job {
        var job = Livekit_Job()
        job.id = id
        job.dispatchID = dispatch.id
        job.state.status = .jsRunning
        job.state.participantIdentity = "agent-1"
        return job
    }

    private func joinAgent(_ room: inout RoomHarness) throws -> ParticipantSID {
        let sid = try room.join("agent-1") { $0.kind = .agent }
        room.activate(sid)
        return sid
    }

    @Test("A dispatch launches a job for the room, and jobs about everybody who is here or comes or publishes")
    func launches() throws {
        var (room, dispatch) = try dispatched()
        #expect(dispatch.id.hasPrefix("AD_") && dispatch.room == "room" && dispatch.state.createdAt > 0)
        #expect(room.launches.map(\.type) == [.jtRoom])
        #expect(room.launches.first?.dispatch.metadata == "please")
        let alice = try room.join("alice")
        _ = try joinAgent(&room)
        _ = room.publish("microphone", from: alice)
        _ = room.publish("camera", from: alice)
        #expect(room.launches.map(\.type) == [.jtRoom, .jtParticipant, .jtPublisher], "once each, and not for agents")
        #expect(room.launches.last?.participant?.identity == "alice")
        room.forget()
        var late = Livekit_AgentDispatch()
        late.agentName = "late"
        room.change { state, now in _ = state.addDispatch(late, now: now) }
        #expect(room.launches.map(\.type) == [.jtRoom, .jtParticipant, .jtPublisher])
    }

    @Test("A room without dispatches asks for agents that have no name")
    func nameless() {
        var room = RoomHarness()
        room.change { state, now in state.makeDispatches([], now: now) }
        #expect(room.launches.map(\.dispatch.agentName) == [""])
    }

    @Test("A room whose only dispatch cannot be has none, and says so: agents without a name were not asked for")
    func badDispatch() {
        var room = RoomHarness()
        var bad = Livekit_RoomAgentDispatch()
        bad.agentName = "helper"
        bad.deployment = "no_name"
        room.change { state, now in state.makeDispatches([bad], now: now) }
        #expect(room.launches.isEmpty && room.state.agents.dispatches.isEmpty)
        #expect(room.notices == [.dispatchRefused(agent: "helper")])
        var good = Livekit_RoomAgentDispatch()
        good.agentName = "scribe"
        room.change { state, now in state.makeDispatches([bad, good], now: now) }
        #expect(room.launches.map(\.dispatch.agentName) == ["scribe"])
    }

    @Test("A job is listed with its dispatch, and told to webhooks from its start to its end")
    func lists() throws {
        var (room, dispatch) = try dispatched()
        var job = running(dispatch)
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        #expect(room.state.agents.dispatches.first?.state.jobs.map(\.id) == ["AJ_1"])
        job.state.status = .jsSuccess
        job.state.endedAt = 1
        room.change { state, now in state.jobChanged(job, .ended, now: now) }
        #expect(room.state.agents.dispatches.first?.state.jobs.first?.state.status == .jsSuccess)
        #expect(room.webhooks.suffix(2) == ["agent_job_started", "agent_job_ended"])
    }

    @Test("What other nodes tell of a job changes its state alone, and its end stays, in whatever order it is heard")
    func otherNodes() throws {
        var (room, dispatch) = try dispatched()
        var job = running(dispatch)
        job.metadata = "please"
        var ended = job.summary
        ended.state.status = .jsFailed
        ended.state.endedAt = 1
        room.change { state, now in state.jobChanged(ended, .ended, now: now) }
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        #expect(room.state.agents.dispatches.first?.state.jobs.map(\.state.status) == [.jsFailed])
        #expect(room.state.agents.jobByIdentity.isEmpty)
        job.id = "AJ_2"
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        ended.id = "AJ_2"
        for _ in 0..<2 { room.change { state, now in state.jobChanged(ended, .ended, now: now) } }
        let known = try #require(room.state.agents.dispatches.first?.state.jobs.last)
        #expect(known.metadata == "please" && known.state.status == .jsFailed)
        #expect(room.webhooks.filter { $0 == "agent_job_ended" }.count == 2, "one for each job")
    }

    @Test("Deleting a dispatch ends its jobs, and shows agents out that stay")
    func deletion() throws {
        var (room, dispatch) = try dispatched()
        let job = running(dispatch)
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        let agent = try joinAgent(&room)
        room.change { state, now in _ = state.deleteDispatch(dispatch.id, now: now) }
        #expect(room.commands.contains(.terminate([job], .jsrDispatchDeleted)))
        #expect(room.state.agents.dispatches.isEmpty)
        room.pass(.seconds(2))
        #expect(room.state.participants[agent] != nil)
        room.pass(.seconds(2))
        #expect(room.state.participants[agent] == nil)
        #expect(room.leave(to: agent)?.reason == .participantRemoved)
        room.forget()
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        #expect(room.commands == [.terminate([job], .jsrDispatchDeleted)], "its worker answered too late")
    }

    @Test("A job whose worker is gone stays with its agent if that lives, and is launched again if not")
    func orphans() throws {
        var (room, dispatch) = try dispatched()
        let job = running(dispatch)
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        let agent = try joinAgent(&room)
        room.forget()
        room.change { state, now in state.jobChanged(job, .orphaned, now: now) }
        #expect(room.commands.isEmpty)
        room.change { state, now in state.signalLost(agent, now: now) }
        room.change { state, now in state.jobChanged(job, .orphaned, now: now) }
        #expect(room.commands == [.agentLeft(job, mayRestart: true)])
        #expect(room.state.participants[agent] == nil)
    }

    @Test("A job whose dispatch says so is not done again")
    func neverAgain() {
        var room = RoomHarness()
        var wanted = Livekit_AgentDispatch()
        wanted.restartPolicy = .jrpNever
        var made = Livekit_AgentDispatch()
        room.change { state, now in made = state.addDispatch(wanted, now: now) ?? made }
        let job = running(made)
        room.change { state, now in state.jobChanged(job, .assigned, now: now) }
        room.change { state, now in state.jobChanged(job, .orphaned, now: now) }
        #expect(room.commands.last == .agentLeft(job, mayRestart: false))
    }

    @Test("Whoever leaves takes the unclaimed jobs about him along; an agent that leaves ends its own; a room all")
    func departures() throws {
        var (room, dispatch) = try dispatched()
        room.change { state, now in state.jobChanged(running(dispatch), .assigned, now: now) }
        let alice = try room.join("alice")
        let agent = try joinAgent(&room)
        room.forget()
        room.send(.leave(Livekit_LeaveRequest()), from: alice)
        #expect(room.commands == [.withdrawParticipant(room.state.sid, identity: "alice")])
        room.forget()
        room.send(.leave(Livekit_LeaveRequest()), from: agent)
        #expect(room.commands == [.agentLeft(running(dispatch), mayRestart: true)])
        room.forget()
        room.change { state, now in state.close(.roomEndApiDelete, telling: .roomDeleted, now: now) }
        #expect(
            room.commands == [.withdrawDispatch(dispatch.id), .terminate([running(dispatch)], .jsrRoomClosed)])
        #expect(room.webhooks == ["agent_job_ended", "room_finished"])
        let last = try #require(room.events.first?.job.state)
        #expect(last.status == .jsSuccess && last.reason == .jsrRoomClosed && last.endedAt > 0)
    }
}

extension RoomHarness {
    fileprivate var commands: [AgentCommand] {
        effects.compactMap { if case .agents(let command) = $0 { command } else { nil } }
    }

    fileprivate var launches: [AgentJobRequest] {
        commands.compactMap { if case .launch(let request) = $0 { request } else { nil } }
    }

    fileprivate var notices: [RoomNotice] {
        effects.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }

    fileprivate var events: [Livekit_WebhookEvent] {
        effects.compactMap { if case .webhook(let event) = $0 { event } else { nil } }
    }

    fileprivate var webhooks: [String] { events.map(\.event) }
}
