internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// What a room wants a worker for.
struct AgentJobRequest: Sendable, Equatable {
    var dispatch: Livekit_AgentDispatch
    var type: Livekit_JobType
    var room: Livekit_Room
    /// Whom the job is about; `nil` for a room's.
    var participant: Livekit_ParticipantInfo?
}

/// What a room tells those who look for workers.
enum AgentCommand: Sendable, Equatable {
    case launch(AgentJobRequest)
    /// Ends jobs that run; their workers are told.
    case terminate([Livekit_Job], Livekit_JobStateReason)
    /// Forgets the jobs of a dispatch that nobody has taken yet.
    case withdrawDispatch(String)
    /// Forgets the jobs about a participant that nobody has taken yet.
    case withdrawParticipant(RoomSID, identity: String)
    /// The job's agent is not in the room. If its worker is gone too, somebody else is to go on, unless the job may not
    /// be done twice.
    case agentLeft(Livekit_Job, mayRestart: Bool)
}

/// What became of a job, told to its room.
enum AgentJobChange: Sendable, Equatable {
    /// A worker took it.
    case assigned
    case updated
    /// Its worker's socket is gone; the room knows whether the agent itself still is there.
    case orphaned
    case ended

    /// What a state says that came from the node of the job's worker.
    init(_ state: Livekit_JobState) {
        self = state.endedAt > 0 ? .ended : state.workerID.isEmpty ? .orphaned : .updated
    }
}

/// A job at the node of its worker, between the question whether one takes it and its end.
struct AgentJob: Sendable {
    enum Phase: Sendable, Equatable {
        case unoffered
        /// A worker was asked.
        case offered(worker: String, until: MediaInstant)
        case running(worker: String)
        /// Its worker's socket is gone since.
        case orphaned(since: MediaInstant)
        /// Its worker's socket is gone, its agent is not; its room may end it yet.
        case detached(until: MediaInstant)
        /// Its agent left the room; its worker may still say how it ended.
        case leaving(worker: String?, until: MediaInstant)
    }

    var job: Livekit_Job
    var phase = Phase.unoffered
    /// How long whoever asked waits for a worker.
    let patience: MediaInstant
    /// The one worker that simulates it.
    let onlyWorker: String?
    /// Workers that were asked and refused.
    var refusals: Set<String> = []

    init(_ job: Livekit_Job, patience: MediaInstant, onlyWorker: String? = nil) {
        self.job = job
        self.patience = patience
        self.onlyWorker = onlyWorker
    }

    /// Whether a worker had it before.
    var isResuming: Bool { job.state.startedAt > 0 }

    /// Whether the worker takes jobs like this one.
    func fits(_ worker: AgentWorker) -> Bool {
        if let onlyWorker { return onlyWorker == worker.id }
        return worker.takes(job)
    }

    /// The worker whose socket carries it.
    var worker: String? {
        switch phase {
        case .offered(let worker, _), .running(let worker): worker
        case .leaving(let worker, _): worker
        case .unoffered, .orphaned, .detached: nil
        }
    }
}

extension Livekit_Job {
    init(_ request: AgentJobRequest, id: String, namespace: String) {
        self.init()
        self.id = id
        dispatchID = request.dispatch.id
        type = request.type
        room = request.room
        if let participant = request.participant { self.participant = participant }
        self.namespace = namespace
        agentName = request.dispatch.agentName
        metadata = request.dispatch.metadata
        deployment = request.dispatch.deployment
        attributes = request.dispatch.attributes
    }

    /// The topic of psrpc's `JobRequest` by which workers for it are asked.
    var topic: [String] {
        AgentRPC.topic(agentName: agentName, namespace: namespace, deployment: deployment, type: type)
    }

    /// What nodes tell each other of a job whose room knows the rest.
    var summary: Livekit_Job {
        var summary = self
        summary.clearParticipant()
        summary.metadata = ""
        summary.attributes = [:]
        summary.room = Livekit_Room()
        summary.room.name = room.name
        summary.room.sid = room.sid
        return summary
    }
}
