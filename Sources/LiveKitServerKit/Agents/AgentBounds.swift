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
    /// Commands on their way from rooms to the pool; more than a burst of rooms ever makes.
    static let commands = 8192

    /// A worker must register within so long.
    static let registration = Duration.seconds(10)
    /// A worker must answer an offer within so long, or the next one is asked.
    static let availability = MediaDuration.seconds(10)
    /// A job for which there is no worker waits so long for one.
    static let patience = MediaDuration.seconds(30)
    /// A worker whose socket is gone may come back so long and go on with its jobs.
    static let absence = MediaDuration.seconds(5)
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
