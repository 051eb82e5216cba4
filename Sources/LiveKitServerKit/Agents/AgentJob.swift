internal import LiveKitCore
internal import LiveKitProtobuf

/// What a room wants a worker for.
struct AgentJobRequest: Sendable, Equatable {
    var dispatch: Livekit_AgentDispatch
    var type: Livekit_JobType
    var room: Livekit_Room
    /// Whom the job is about; `nil` for a room's.
    var participant: Livekit_ParticipantInfo?
}

/// What a room tells the pool of workers.
enum AgentCommand: Sendable, Equatable {
    case launch(AgentJobRequest)
    /// Ends jobs that run, whose worker is told, and forgets those that nobody took.
    case terminate(jobIDs: [String], Livekit_JobStateReason)
    /// Forgets the jobs of a dispatch that nobody has taken yet.
    case withdrawDispatch(String)
    /// Forgets the jobs about a participant that nobody has taken yet.
    case withdrawParticipant(RoomSID, identity: String)
    /// The job's participant left the room.
    case agentLeft(jobID: String)
    /// The job's worker is gone and so is its participant: somebody else is to go on.
    case relaunch(jobID: String)
}

/// What became of a job, told to its room.
enum AgentJobChange: Sendable, Equatable {
    /// A worker took it.
    case assigned
    case updated
    /// Its worker's socket is gone; the room knows whether the agent itself still is there.
    case orphaned
    case ended
}

/// A job between its launch and its end.
struct AgentJob: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nobody can take it now.
        case waiting(since: MediaInstant)
        /// A worker was asked.
        case offered(worker: String, until: MediaInstant)
        case running(worker: String)
        /// Its worker's socket is gone since.
        case orphaned(since: MediaInstant)
        /// Its worker's socket is gone, its agent is not.
        case detached
        /// Its agent left the room; its worker may still say how it ended.
        case leaving(worker: String?, until: MediaInstant)
    }

    var job: Livekit_Job
    var phase: Phase
    let restartsOnFailure: Bool
    /// Whether any namespace will do: no worker was there whose namespace the job could take.
    var takesAnyNamespace: Bool
    /// The one worker that simulates it.
    var onlyWorker: String?
    /// Workers that were asked and refused.
    var refusals: Set<String> = []
    /// Whether a worker had it before.
    var isResuming = false

    init(_ request: AgentJobRequest, id: String, namespace: String?, now: MediaInstant) {
        job = Livekit_Job()
        job.id = id
        job.dispatchID = request.dispatch.id
        job.type = request.type
        job.room = request.room
        if let participant = request.participant { job.participant = participant }
        job.namespace = namespace ?? ""
        job.agentName = request.dispatch.agentName
        job.metadata = request.dispatch.metadata
        job.deployment = request.dispatch.deployment
        job.attributes = request.dispatch.attributes
        phase = .waiting(since: now)
        restartsOnFailure = request.dispatch.restartPolicy != .jrpNever
        takesAnyNamespace = namespace == nil
    }

    /// Whether the worker takes jobs like this one.
    func fits(_ worker: AgentWorker) -> Bool {
        if let onlyWorker { return onlyWorker == worker.id }
        return worker.type == job.type && worker.agentName == job.agentName && worker.deployment == job.deployment
            && (takesAnyNamespace || worker.namespace == job.namespace)
    }

    /// Whether nobody has taken it yet.
    var isUnclaimed: Bool {
        switch phase {
        case .waiting, .offered: !isResuming
        case .running, .orphaned, .detached, .leaving: false
        }
    }

    /// The worker whose socket carries it.
    var worker: String? {
        switch phase {
        case .offered(let worker, _), .running(let worker): worker
        case .leaving(let worker, _): worker
        case .waiting, .orphaned, .detached: nil
        }
    }
}
