internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// What the rooms of this node want workers for, until one took it.
///
/// A machine on given time. A launch becomes one job for each namespace that has workers for it, on whatever node; each
/// job is asked for until a worker takes it, it is withdrawn or the patience with it is over.
struct AgentBoard: Sendable {
    enum Effect: Sendable, Equatable {
        /// Asks all nodes what workers they have.
        case check(Int)
        /// Asks the nodes for a worker, and for ``AgentBoard/answered(_:_:now:)``.
        case ask(Livekit_Job)
        /// Ends a job that nobody wants any more, if somebody took it.
        case cancel(jobID: String)
        /// Asks the node of a job's worker to end it, and for ``AgentBoard/ended(_:by:_:now:)``.
        case end(Livekit_Job, Ending)
        /// Tells the job's room.
        case report(Livekit_Job, AgentJobChange)
        /// A job that nobody took, or for which there was no place.
        case dropped
    }

    /// Why a job is to end.
    enum Ending: Sendable, Equatable {
        case terminated(Livekit_JobStateReason)
        case agentLeft(mayRestart: Bool)
    }

    private struct Launch {
        let request: AgentJobRequest
        let since: MediaInstant
        /// Those for which there is a job.
        var namespaces: Set<String> = []
    }

    struct Wish: Sendable {
        enum Phase: Sendable, Equatable {
            case asking
            case waiting(until: MediaInstant)
        }

        var job: Livekit_Job
        /// `nil` for one that a worker had before.
        let launch: Int?
        let since: MediaInstant
        var phase: Phase
        var isWithdrawn = false
        /// Whether there was no worker at all when it was asked for last.
        var foundNobody = false
    }

    private var launches: [Int: Launch] = [:]
    private var lastLaunch = 0
    private var wishes: [String: Wish] = [:]
    private var asking = 0
    private var known = KnownAgents()
    private var isStale = true
    private var check = 0
    private var checkedAt: MediaInstant?
    private var effects: [Effect] = []
    private var random: DeterministicRandom
    /// Unix time in nanoseconds at ``MediaInstant/start``.
    private let unixNanosecondsAtStart: Int64

    init(unixNanosecondsAtStart: Int64, random: DeterministicRandom) {
        self.unixNanosecondsAtStart = unixNanosecondsAtStart
        self.random = random
    }

    /// What was decided since the last call, in order.
    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    // MARK: Rooms

    /// Carries out what a room wants.
    mutating func execute(_ command: AgentCommand, now: MediaInstant) {
        switch command {
        case .launch(let request): launch(request, now: now)
        case .terminate(let jobs, let reason):
            for job in jobs { end(job, .terminated(reason), now: now) }
        case .withdrawDispatch(let dispatch):
            forget { $0.dispatch.id == dispatch }
            withdraw { $0.launch != nil && $0.job.dispatchID == dispatch }
        case .withdrawParticipant(let room, let identity):
            forget { $0.room.sid == room.rawValue && $0.participant?.identity == identity }
            withdraw {
                $0.launch != nil && $0.job.room.sid == room.rawValue && $0.job.hasParticipant
                    && $0.job.participant.identity == identity
            }
        case .agentLeft(let job, let mayRestart):
            end(job, .agentLeft(mayRestart: mayRestart), now: now)
        }
    }

    private mutating func launch(_ request: AgentJobRequest, now: MediaInstant) {
        guard hasPlace else { return effects.append(.dropped) }
        lastLaunch += 1
        launches[lastLaunch] = Launch(request: request, since: now)
        checkIfDue(now: now)
        proceed([lastLaunch], now: now)
    }

    /// There are many where there are no agents at all, so that not all are copied to let go of a few.
    private mutating func forget(_ isMeant: (AgentJobRequest) -> Bool) {
        for id in launches.filter({ isMeant($0.value.request) }).keys { launches[id] = nil }
    }

    private mutating func end(_ job: Livekit_Job, _ ending: Ending, now: MediaInstant) {
        guard wishes[job.id] != nil else { return effects.append(.end(job, ending)) }
        guard case .terminated(let reason) = ending else { return }
        withdraw { $0.job.id == job.id }
        report(job, ended: .jsSuccess, reason, now: now)
    }

    /// What the node of a job's worker said to its end.
    mutating func ended(
        _ job: Livekit_Job, by ending: Ending, _ result: Result<Livekit_JobState, RPCError>, now: MediaInstant
    ) {
        var job = job
        if case .success(let state) = result { job.state = state }
        switch (ending, result) {
        case (.agentLeft(let mayRestart), .success(let state)) where state.endedAt == 0:
            // Where it still has its worker, that says how it ends.
            if state.workerID.isEmpty { relaunch(job, mayRestart, now: now) }
        case (.agentLeft, .success):
            effects.append(.report(job, .ended))
        case (.agentLeft, .failure):
            // Nobody has it any more: livekit-server does not tell of jobs that ended by themselves.
            report(job, ended: .jsSuccess, job.state.reason, now: now)
        case (.terminated(let reason), .success(let state)) where state.endedAt > 0:
            job.state.reason = reason
            effects.append(.report(job, .ended))
        case (.terminated(let reason), _):
            report(job, ended: .jsSuccess, reason, now: now)
        }
    }

    private mutating func relaunch(_ job: Livekit_Job, _ mayRestart: Bool, now: MediaInstant) {
        var job = job
        guard mayRestart, hasPlace else {
            job.state.error = "the agent's worker is gone"
            return report(job, ended: .jsFailed, job.state.reason, now: now)
        }
        job.state.status = .jsPending
        job.state.workerID = ""
        job.state.reason = .jsrRetrying
        job.state.updatedAt = unixNanoseconds(now)
        effects.append(.report(job, .updated))
        wishes[job.id] = Wish(job: job, launch: nil, since: now, phase: .waiting(until: now))
        ask(now: now)
    }

    private mutating func report(
        _ job: Livekit_Job, ended status: Livekit_JobStatus, _ reason: Livekit_JobStateReason, now: MediaInstant
    ) {
        var job = job
        job.state.status = status
        job.state.reason = reason
        job.state.updatedAt = unixNanoseconds(now)
        job.state.endedAt = job.state.updatedAt
        effects.append(.report(job, .ended))
    }

    private mutating func withdraw(_ isMeant: (Wish) -> Bool) {
        for (id, wish) in wishes where isMeant(wish) {
            guard wish.phase == .asking else {
                wishes[id] = nil
                continue
            }
            wishes[id]?.isWithdrawn = true
            effects.append(.cancel(jobID: id))
        }
    }

    // MARK: Nodes

    /// A node told what workers it has.
    mutating func learn(_ response: Rpc_CheckEnabledResponse, check: Int, now: MediaInstant) {
        guard check == self.check else { return }
        known.learn(response)
        proceed(launches.keys.sorted(), now: now)
    }

    /// Somewhere a worker takes jobs that did not before.
    mutating func workersChanged(now: MediaInstant) {
        isStale = true
        for (id, wish) in wishes where wish.phase != .asking { wishes[id]?.phase = .waiting(until: now) }
        checkIfDue(now: now)
        ask(now: now)
    }

    /// What the nodes said to a job's question.
    mutating func answered(_ id: String, _ result: Result<Livekit_JobState, RPCError>, now: MediaInstant) {
        asking -= 1
        defer { ask(now: now) }
        guard var wish = wishes[id] else { return }
        switch result {
        case .success where wish.isWithdrawn:
            wishes[id] = nil
            effects.append(.cancel(jobID: id))
        case .failure where wish.isWithdrawn:
            wishes[id] = nil
        case .success(let state):
            wishes[id] = nil
            wish.job.state = state
            effects.append(.report(wish.job, state.endedAt > 0 ? .ended : wish.launch == nil ? .updated : .assigned))
            taken(wish.launch)
        case .failure(let error):
            wish.foundNobody = error == .noResponse
            wish.phase = .waiting(until: now + AgentBounds.repetition)
            // Another namespace had a worker; this one has none of that name.
            let isVain = wish.foundNobody && wish.launch.map { launches[$0] == nil } == true
            wishes[id] = isVain ? nil : wish
        }
    }

    private mutating func taken(_ launch: Int?) {
        guard let launch else { return }
        launches[launch] = nil
        wishes = wishes.filter { $0.value.launch != launch || !$0.value.foundNobody || $0.value.phase == .asking }
    }

    // MARK: Time

    /// Carries out whatever is due. Calls too early or too often are harmless.
    mutating func handleTimeout(now: MediaInstant) {
        for (id, launch) in launches where now - launch.since >= AgentBounds.patience {
            launches[id] = nil
            if launch.namespaces.isEmpty { effects.append(.dropped) }
        }
        for (id, wish) in wishes where wish.phase != .asking && now - wish.since >= AgentBounds.patience {
            wishes[id] = nil
            effects.append(.dropped)
            guard wish.launch == nil else { continue }
            var job = wish.job
            job.state.error = "no worker takes the job"
            report(job, ended: .jsFailed, .jsrNoCapacity, now: now)
        }
        checkIfDue(now: now)
        ask(now: now)
    }

    // MARK: Inside

    private var hasPlace: Bool { launches.count + wishes.count < AgentBounds.jobs }

    private mutating func checkIfDue(now: MediaInstant) {
        guard !launches.isEmpty else { return }
        if let checkedAt {
            let age = now - checkedAt
            guard age >= AgentBounds.checkPause, isStale || age >= AgentBounds.checkLife else { return }
        }
        check += 1
        checkedAt = now
        isStale = false
        known = KnownAgents()
        effects.append(.check(check))
    }

    /// Makes jobs of the launches for which there are workers.
    private mutating func proceed(_ ids: [Int], now: MediaInstant) {
        for id in ids {
            guard let launch = launches[id] else { continue }
            let request = launch.request
            let namespaces = known.namespaces(of: request.type, name: request.dispatch.agentName)
            for namespace in namespaces.subtracting(launch.namespaces).sorted() where hasPlace {
                launches[id]?.namespaces.insert(namespace)
                let job = Livekit_Job(request, id: AgentIdentifier.job(using: &random), namespace: namespace)
                wishes[job.id] = Wish(job: job, launch: id, since: launch.since, phase: .waiting(until: now))
            }
        }
        ask(now: now)
    }

    /// Asks for the jobs that are due, the oldest first.
    private mutating func ask(now: MediaInstant) {
        let due = wishes.filter {
            if case .waiting(let until) = $0.value.phase { now >= until } else { false }
        }
        let free = AgentBounds.questions - asking
        guard free > 0 else { return }
        for (id, wish) in due.sorted(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) }).prefix(free) {
            wishes[id]?.phase = .asking
            asking += 1
            effects.append(.ask(wish.job))
        }
    }

    private func unixNanoseconds(_ now: MediaInstant) -> Int64 { unixNanosecondsAtStart &+ now.nanoseconds }
}

/// Names of jobs.
enum AgentIdentifier {
    static func job(using random: inout DeterministicRandom) -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return "AJ_" + String((0..<12).map { _ in alphabet.randomElement(using: &random) ?? "A" })
    }
}
