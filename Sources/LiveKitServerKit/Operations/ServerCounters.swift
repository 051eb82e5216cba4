internal import LiveKitCore
internal import Metrics

/// The server's metrics, in whatever metrics system it was given. Names and labels are LiveKit's where they mean the same.
struct ServerCounters: Sendable {
    /// One counter, so that only this folder knows the metrics library.
    struct Count: Sendable {
        private let counter: Counter

        init(_ label: String, _ factory: any MetricsFactory, _ dimensions: [(String, String)] = []) {
            counter = Counter(label: label, dimensions: dimensions, factory: factory)
        }

        func increment(by amount: Int = 1) {
            if amount > 0 { counter.increment(by: amount) }
        }
    }

    /// One value that goes up and down.
    struct Level: Sendable {
        private let gauge: Gauge

        init(_ label: String, _ factory: any MetricsFactory, _ dimensions: [(String, String)] = []) {
            gauge = Gauge(label: label, dimensions: dimensions, factory: factory)
        }

        func set(_ value: Int) { gauge.record(value) }
    }

    let roomsOpened: Count
    let participantsJoined: Count
    let participantsActive: Count
    let participantsLeft: Count
    let participantsResumed: Count
    let resumesRefused: Count
    let joinsRefused: Count
    let slowSignalReaders: Count
    let malformedSignals: Count
    let droppedMediaBatches: Count
    let failedProbes: Count
    let droppedLogLines: Count
    let redis: RedisCounts
    private let joinsUnderWay, lateness: Level
    private let media: MediaCounters
    private let levels: CensusLevels
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        func join(_ state: String) -> Count { Count("livekit_participant_join_total", factory, [("state", state)]) }
        roomsOpened = Count("livekit_rooms_opened_total", factory)
        participantsJoined = join("signal_connected")
        participantsActive = join("rtc_connected")
        joinsRefused = join("signal_failed")
        participantsLeft = Count("livekit_participants_left_total", factory)
        participantsResumed = Count("livekit_participants_resumed_total", factory)
        resumesRefused = Count("livekit_resumes_refused_total", factory)
        slowSignalReaders = Count("livekit_signal_slow_readers_total", factory)
        malformedSignals = Count("livekit_signal_malformed_total", factory)
        droppedMediaBatches = Count("livekit_media_event_batches_dropped_total", factory)
        failedProbes = Count("livekit_media_probe_failures_total", factory)
        droppedLogLines = Count("livekit_log_lines_dropped_total", factory)
        joinsUnderWay = Level("livekit_joins_under_way", factory)
        lateness = Level("livekit_node_lateness_ms", factory)
        redis = RedisCounts(factory)
        media = MediaCounters(factory)
        levels = CensusLevels(factory)
    }

    func count(_ notice: RoomNotice) {
        switch notice {
        case .participantJoined: participantsJoined.increment()
        case .participantActive: participantsActive.increment()
        case .participantResumed: participantsResumed.increment()
        case .participantLeft: participantsLeft.increment()
        case .dataDropped(_, let reason):
            Count("livekit_data_packets_dropped_total", factory, [("reason", reason.rawValue)]).increment()
        case .dataStreamBegan(let stream): record(stream)
        case .trackPublished, .trackUnpublished, .negotiationFailed, .fellBack, .closed: break
        }
    }

    /// A room ended that was open for so long.
    func roomClosed(after age: MediaDuration) {
        observe(age.seconds, Self.roomDuration, [])
    }

    /// A connection of HTTP was ended, or not taken, for the reason.
    func connectionRefused(_ reason: String) {
        Count("livekit_http_connections_refused_total", factory, [("reason", reason)]).increment()
    }

    /// A join was refused because of what the node has to do.
    func joinShed(_ shedding: JoinShedding) {
        joinsRefused.increment()
        Count("livekit_joins_shed_total", factory, [("reason", shedding.name)]).increment()
    }

    /// How many joins are under way, and how late the node is with its work.
    func set(_ load: (underWay: Int, lateness: MediaDuration)) {
        joinsUnderWay.set(load.underWay)
        lateness.set(Int(load.lateness.milliseconds))
    }

    /// An API request was answered. The names are ours, never the client's, so that they are few.
    func answered(service: String, method: String, status: Int, after time: MediaDuration) {
        let outcome = status < 400 ? "success" : "failure"
        let names = [("service", service), ("method", method), ("status", outcome)]
        Count("livekit_node_twirp_request_status", factory, names + [("code", "\(status)")]).increment()
        observe(time.seconds * 1000, Self.requestLatency, names)
    }

    func add(_ tally: MediaTally) { media.add(tally) }
    func add(_ counts: MediaPlaneCounts) { media.add(counts) }
    func set(_ census: RoomCensus) { levels.set(census) }

    /// One value of a histogram; its buckets stand in ``buckets``.
    func observe(_ value: Double, _ label: String, _ dimensions: [(String, String)]) {
        recorder(label, dimensions).record(value)
    }

    func recorder(_ label: String, _ dimensions: [(String, String)]) -> Recorder {
        Recorder(label: label, dimensions: dimensions, aggregate: true, factory: factory)
    }

    func count(_ label: String, _ dimensions: [(String, String)]) -> Count { Count(label, factory, dimensions) }

    private static let roomDuration = "livekit_room_duration_seconds"
    private static let requestLatency = "livekit_node_twirp_request_latency_ms"
}
