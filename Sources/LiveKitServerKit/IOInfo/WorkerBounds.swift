internal import LiveKitCore
internal import LiveKitPSRPC

/// Bounds and periods of egress and ingress that no configuration changes.
enum WorkerBounds {
    /// Egresses that rooms begin by themselves and that wait for a place among ``launches``: a burst of publishers in
    /// large rooms. One more is not begun, and its end is told as of one that failed.
    static let waitingLaunches = 4096
    /// Of these, so many are begun at once; each holds a call that waits for a worker.
    static let launches = 64
    /// One that waited longer for its place is not begun any more.
    static let launchAge = MediaDuration.seconds(60)
    /// After an egress ended it is remembered so long. LiveKit's own.
    static let memory = MediaDuration.seconds(24 * 3600)
    /// How often those that are older are looked for. LiveKit's own.
    static let sweepPeriod = Duration.seconds(30 * 60)
    /// Somebody else may change what is stored at the same time so often. LiveKit's own.
    static let races = 5
    /// A bus that is away is looked for so often.
    static let reconnection = Duration.seconds(1)
}

/// How long workers are waited for. Those of LiveKit's servers, unless a test has less time.
struct WorkerPatience: Sendable {
    /// How often the start of an egress is tried.
    var launchAttempts = 3
    /// The first try may take so long, and each further one twice as long: a worker starts a browser meanwhile.
    var launch = MediaDuration.seconds(10)
    /// Before the second try; the pause doubles with each further one.
    var launchPause = MediaDuration.seconds(1)
    /// How long workers may bid.
    var bidding = MediaDuration.seconds(1)
    /// How long the others may bid once one did.
    var laterBids = MediaDuration.milliseconds(500)
    /// What asks a worker that has the egress or ingress already.
    var call = RPCOptions(retries: .standard)
}
