internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// A registered worker: what it takes, and how busy it says it is.
struct AgentWorker: Sendable {
    let id: String
    /// The API key of its token; its jobs' tokens are signed with the same.
    let apiKey: String
    let type: Livekit_JobType
    let agentName: String
    let namespace: String
    let deployment: String
    let permission: Livekit_ParticipantPermission
    var isAvailable = true
    /// 0 idle ... 1 busy.
    var load: Float = 0

    /// Why a worker's registration is refused.
    struct Refusal: Error {}

    init(id: String, apiKey: String, _ request: Livekit_RegisterWorkerRequest) throws(Refusal) {
        if case .UNRECOGNIZED = request.type { throw Refusal() }
        guard AgentBounds.allows(deployment: request.deployment),
            [request.agentName, request.namespace, request.version].allSatisfy({ $0.count <= AgentBounds.nameLength })
        else { throw Refusal() }
        self.id = id
        self.apiKey = apiKey
        type = request.type
        agentName = request.agentName
        namespace = request.namespace
        deployment = request.deployment
        permission = request.hasAllowedPermissions ? request.allowedPermissions : Self.defaultPermission
    }

    private static let defaultPermission: Livekit_ParticipantPermission = {
        var permission = Livekit_ParticipantPermission()
        permission.canSubscribe = true
        permission.canPublish = true
        permission.canPublishData = true
        permission.canUpdateMetadata = true
        return permission
    }()

    /// The weight with which it is drawn among others: the idler, the likelier.
    var weight: Float { isAvailable ? max(0, 1 - load) : 0 }

    /// Whether it does jobs like this one.
    func takes(_ job: Livekit_Job) -> Bool {
        type == job.type && agentName == job.agentName && namespace == job.namespace && deployment == job.deployment
    }

    /// The topic of psrpc's `JobRequest` under which it is found.
    var topic: [String] {
        AgentRPC.topic(agentName: agentName, namespace: namespace, deployment: deployment, type: type)
    }

    mutating func update(_ status: Livekit_UpdateWorkerStatus) {
        if status.hasStatus { isAvailable = status.status == .wsAvailable }
        load = status.load.isFinite ? min(max(status.load, 0), 1) : 1
    }
}
