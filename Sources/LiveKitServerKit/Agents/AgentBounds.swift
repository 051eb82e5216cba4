internal import LiveKitCore

/// Bounds and periods of agents and their workers that no configuration changes.
enum AgentBounds {
    /// Workers connected at once; a further one is refused.
    static let workers = 10_000
    /// Jobs that wait, are offered or run; a further one is dropped and counted.
    static let jobs = 100_000
    /// Characters of a worker's name, version, namespace.
    static let nameLength = 256
    /// Characters of a deployment. LiveKit's own bound.
    static let deploymentLength = 64
    /// Dispatches of one room.
    static let dispatches = 100
    /// Jobs that a dispatch remembers; of ended ones the oldest are forgotten first.
    static let rememberedJobs = 200
    /// Messages that wait for one worker's socket; one that reads so slowly is cut off.
    static let outbox = 1000
    /// Commands on their way from rooms, and what is on its way to other nodes; more than a burst of rooms ever makes.
    static let commands = 8192
    /// Jobs for which workers are asked at once; each holds a call that may wait for a worker's answer. The others wait.
    static let questions = 256

    /// A worker must register within so long.
    static let registration = Duration.seconds(10)
    /// A worker must answer an offer within so long, or the next one is asked.
    static let availability = MediaDuration.seconds(10)
    /// A job for which there is no worker waits so long for one.
    static let patience = MediaDuration.seconds(30)
    /// Meanwhile it is asked for anew so often, and whenever a worker is heard of: livekit-server does not tell when one
    /// has become less busy.
    static let repetition = MediaDuration.seconds(5)
    /// Nodes may say so long what workers they have. livekit-server's `CheckEnabledTimeout`.
    static let checkTime = MediaDuration.seconds(5)
    /// What they said holds so long, unless a worker is heard of. livekit-server's `EnabledCacheTTL`.
    static let checkLife = MediaDuration.seconds(60)
    /// They are not asked more often than this, however many workers register.
    static let checkPause = MediaDuration.milliseconds(500)
    /// A bus that is away is tried again so often.
    static let reconnection = Duration.seconds(1)
    /// A worker whose socket is gone may come back so long and go on with its jobs.
    static let absence = MediaDuration.seconds(5)
    /// A job whose worker never came back is remembered so long, should its room not end it: that room may have gone with
    /// its node.
    static let memory = MediaDuration.seconds(6 * 3600)
    /// After an agent left its room its worker may say so long how the job ended.
    static let lastWords = MediaDuration.seconds(3)
    /// After a job was terminated its participant may stay so long to say goodbye.
    static let departure = MediaDuration.seconds(3)
    /// Workers are pinged so often over their sockets...
    static let ping = Duration.seconds(3)
    /// ...and given up after so long without a sign, so that with ``absence`` a job is offered again within 15 s.
    static let silence = Duration.seconds(9)
    /// How often the pool looks at the clock.
    static let tickPeriod = Duration.milliseconds(500)
    /// How long the token of an assignment is valid.
    static let tokenLife = Duration.seconds(3600)

    /// Whether a deployment's name may be one: LiveKit puts it into names joined by underscores.
    static func allows(deployment: String) -> Bool {
        let bytes = deployment.utf8
        return bytes.count <= deploymentLength
            && !bytes.contains { $0 == UInt8(ascii: "_") || $0 <= UInt8(ascii: " ") || $0 == 0x7F }
    }
}
