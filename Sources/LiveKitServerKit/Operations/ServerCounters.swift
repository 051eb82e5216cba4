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
    let participantsLeft: Count
    let participantsResumed: Count
    let resumesRefused: Count
    let slowSignalReaders: Count
    let malformedSignals: Count
    /// Signal messages, each of which would otherwise look its counter up.
    let signalRequests, failedSignalRequests, signalResponses, failedSignalResponses: Count
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
        roomsOpened = Count("livekit_rooms_opened_total", factory)
        participantsLeft = Count("livekit_participants_left_total", factory)
        participantsResumed = Count("livekit_participants_resumed_total", factory)
        resumesRefused = Count("livekit_resumes_refused_total", factory)
        slowSignalReaders = Count("livekit_signal_slow_readers_total", factory)
        malformedSignals = Count("livekit_signal_malformed_total", factory)
        func messages(_ direction: String, _ status: String) -> Count {
            Count(
                "livekit_node_messages", factory,
                [("type", "signal"), ("status", status), ("direction", direction)])
        }
        signalRequests = messages("request", "success")
        failedSignalRequests = messages("request", "failure")
        signalResponses = messages("response", "success")
        failedSignalResponses = messages("response", "failure")
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
        case .participantJoined: joining(.rtcConnected)
        case .participantActive:
            joining(.rtcActive)
            joining(.rtcSuccess)
        case .participantResumed:
            participantsResumed.increment()
            joining(.rtcActive)
        case .participantLeft: participantsLeft.increment()
        case .dataDropped(_, let reason):
            Count("livekit_data_packets_dropped_total", factory, [("reason", reason.rawValue)]).increment()
        case .dataStreamBegan(let stream): record(stream)
        case .subscriptionFailed: subscribing("failure", error: "track_not_bound")
        case .publicationFailed:
            Count("livekit_publications_overdue_total", factory).increment()
        case .dataChannelFailed(_, let channel):
            Count("livekit_data_channels_failed_total", factory, [("channel", channel.metricName)]).increment()
        case .negotiationFailed: operation("offer", error: "remote_description")
        case .trackPublished, .trackUnpublished, .answerOutdated, .fellBack, .dispatchRefused, .closed: break
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
        joining(.signalFailed)
        Count("livekit_joins_shed_total", factory, [("reason", shedding.name)]).increment()
    }

    /// How many joins are under way, and how late the node is with its work.
    func set(_ load: (underWay: Int, lateness: MediaDuration)) {
        joinsUnderWay.set(load.underWay)
        lateness.set(Int(load.lateness.milliseconds))
    }

    /// An API request was answered: with an HTTP status, and with twirp's code unless it succeeded. The names are ours,
    /// never the client's, so that they are few.
    func answered(service: String, method: String, status: Int, code: String, after time: MediaDuration) {
        let family =
            switch status {
            case 400..<500: "4xx"
            case 500..<600: "5xx"
            default: "\(status)"
            }
        let names = [("service", service), ("method", method), ("status", family)]
        Count("livekit_node_twirp_request_status", factory, names + [("code", code)]).increment()
        observe(time.seconds * 1000, MetricName.requestLatency, names)
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
}
