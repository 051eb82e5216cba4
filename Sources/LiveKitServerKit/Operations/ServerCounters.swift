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
    let tracksPublished: Count
    let joinsRefused: Count
    let slowSignalReaders: Count
    let malformedSignals: Count
    let droppedMediaBatches: Count
    let failedProbes: Count
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
        tracksPublished = Count("livekit_track_publish_counter", factory, [("state", "success")])
        slowSignalReaders = Count("livekit_signal_slow_readers_total", factory)
        malformedSignals = Count("livekit_signal_malformed_total", factory)
        droppedMediaBatches = Count("livekit_media_event_batches_dropped_total", factory)
        failedProbes = Count("livekit_media_probe_failures_total", factory)
        media = MediaCounters(factory)
        levels = CensusLevels(factory)
    }

    func count(_ notice: RoomNotice) {
        switch notice {
        case .participantJoined: participantsJoined.increment()
        case .participantActive: participantsActive.increment()
        case .participantResumed: participantsResumed.increment()
        case .participantLeft: participantsLeft.increment()
        case .trackPublished: tracksPublished.increment()
        case .dataDropped(_, let reason):
            Count("livekit_data_packets_dropped_total", factory, [("reason", reason.rawValue)]).increment()
        case .trackUnpublished, .negotiationFailed, .fellBack, .closed: break
        }
    }

    /// A room ended that was open for so long.
    func roomClosed(after age: MediaDuration) {
        Recorder(label: Self.roomDuration, dimensions: [], aggregate: true, factory: factory)
            .record(Double(age.nanoseconds) / 1e9)
    }

    /// A connection of HTTP was ended, or not taken, for the reason.
    func connectionRefused(_ reason: String) {
        Count("livekit_http_connections_refused_total", factory, [("reason", reason)]).increment()
    }

    /// An API request was answered. The names are ours, never the client's, so that they are few.
    func answered(service: String, method: String, status: Int, after time: MediaDuration) {
        let outcome = status < 400 ? "success" : "failure"
        let names = [("service", service), ("method", method), ("status", outcome)]
        Count("livekit_node_twirp_request_status", factory, names + [("code", "\(status)")]).increment()
        Recorder(label: Self.requestLatency, dimensions: names, aggregate: true, factory: factory)
            .record(Double(time.nanoseconds) / 1e6)
    }

    func add(_ tally: MediaTally) { media.add(tally) }
    func add(_ counts: MediaPlaneCounts) { media.add(counts) }
    func set(_ census: RoomCensus) { levels.set(census) }

    private static let roomDuration = "livekit_room_duration_seconds"
    private static let requestLatency = "livekit_node_twirp_request_latency_ms"
    /// The upper bounds of histograms, by name, as LiveKit has them.
    static let buckets: [String: [Double]] = [
        roomDuration: [5, 10, 60, 300, 600, 1800, 3600, 7200, 18_000, 36_000]
    ]
}

/// What the forwarding half counted.
private struct MediaCounters: Sendable {
    private let packetsIn, packetsOut, bytesIn, bytesOut: ServerCounters.Count
    private let nacks, packetsAskedFor, keyframeRequests: ServerCounters.Count
    private let refused, replayed, unexpected: ServerCounters.Count
    private let strangers, sendFailures: ServerCounters.Count

    init(_ factory: any MetricsFactory) {
        func count(_ label: String, _ dimensions: (String, String)...) -> ServerCounters.Count {
            ServerCounters.Count(label, factory, dimensions)
        }
        let (incoming, outgoing) = (("direction", "incoming"), ("direction", "outgoing"))
        packetsIn = count("livekit_packet_total", incoming)
        packetsOut = count("livekit_packet_total", outgoing)
        bytesIn = count("livekit_packet_bytes", incoming)
        bytesOut = count("livekit_packet_bytes", outgoing)
        nacks = count("livekit_nack_total", incoming)
        packetsAskedFor = count("livekit_nack_packets_total", incoming)
        keyframeRequests = count("livekit_pli_total", incoming)
        refused = count("livekit_media_packets_dropped_total", ("reason", "refused"))
        replayed = count("livekit_media_packets_dropped_total", ("reason", "replayed"))
        unexpected = count("livekit_media_packets_dropped_total", ("reason", "unknown_stream"))
        strangers = count("livekit_media_packets_dropped_total", ("reason", "stranger"))
        sendFailures = count("livekit_media_send_failures_total")
    }

    func add(_ tally: MediaTally) {
        packetsIn.increment(by: tally.packetsReceived)
        packetsOut.increment(by: tally.packetsSent)
        bytesIn.increment(by: tally.bytesReceived)
        bytesOut.increment(by: tally.bytesSent)
        nacks.increment(by: tally.negativeAcknowledgements)
        packetsAskedFor.increment(by: tally.packetsAskedFor)
        keyframeRequests.increment(by: tally.keyframeRequests)
        refused.increment(by: tally.packetsRefused)
        replayed.increment(by: tally.packetsReplayed)
        unexpected.increment(by: tally.packetsUnexpected)
    }

    func add(_ counts: MediaPlaneCounts) {
        strangers.increment(by: counts.strangers)
        sendFailures.increment(by: counts.sendFailures)
    }
}

/// How many of what there are.
private struct CensusLevels: Sendable {
    private let rooms, participants, publishedAudio, publishedVideo, subscriptions: ServerCounters.Level

    init(_ factory: any MetricsFactory) {
        rooms = ServerCounters.Level("livekit_room_total", factory)
        participants = ServerCounters.Level("livekit_participant_total", factory)
        publishedAudio = ServerCounters.Level("livekit_track_published_total", factory, [("kind", "AUDIO")])
        publishedVideo = ServerCounters.Level("livekit_track_published_total", factory, [("kind", "VIDEO")])
        subscriptions = ServerCounters.Level("livekit_track_subscribed_total", factory)
    }

    func set(_ census: RoomCensus) {
        rooms.set(census.rooms)
        participants.set(census.participants)
        publishedAudio.set(census.publishedAudio)
        publishedVideo.set(census.publishedVideo)
        subscriptions.set(census.subscriptions)
    }
}
