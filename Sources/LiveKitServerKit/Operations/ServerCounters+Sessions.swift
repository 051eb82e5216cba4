internal import LiveKitCore
internal import LiveKitProtobuf
internal import Metrics

// What is known of single streams and sessions.
extension ServerCounters {
    /// How streams of tracks of this source and type fared.
    func record(_ samples: [StreamSample], of track: Livekit_TrackInfo) {
        for isOutgoing in [false, true] {
            let labels = [
                ("direction", isOutgoing ? "outgoing" : "incoming"), ("source", MetricLabel.name(track.source)),
                ("type", MetricLabel.name(track.type)),
            ]
            let samples = samples.filter { $0.isOutgoing == isOutgoing }
            guard !samples.isEmpty else { continue }
            record(samples, labels)
        }
    }

    private func record(_ samples: [StreamSample], _ labels: [(String, String)]) {
        let (jitter, loss) = (recorder(MetricName.jitter, labels), recorder(MetricName.lossPercent, labels))
        for sample in samples where sample.expected > 0 {
            jitter.record(Double(sample.jitter.microseconds))
            loss.record(Self.percent(sample.lost, of: sample.expected))
        }
        count("livekit_packet_loss_total", labels).increment(by: samples.reduce(0) { $0 + $1.lost })
        let roundTrips = samples.compactMap(\.roundTripTime)
        if !roundTrips.isEmpty {
            let recorder = recorder(MetricName.roundTripTime, labels)
            for time in roundTrips { recorder.record(time.seconds * 1000) }
        }
        // What a subscriber's reports do not tell.
        guard let first = samples.first, !first.isOutgoing else { return }
        let disorder = recorder(MetricName.disorderPercent, labels)
        for sample in samples { disorder.record(Self.percent(sample.late, of: sample.expected)) }
        count("livekit_packet_out_of_order_total", labels).increment(by: samples.reduce(0) { $0 + $1.late })
    }

    private static func percent(_ part: Int, of whole: Int) -> Double { Double(part) * 100 / Double(max(whole, 1)) }

    /// The join response was written so long after the client asked.
    func joinAnswered(protocolVersion: Int32, after time: MediaDuration) {
        observe(time, MetricName.joinLatency, protocolVersion)
    }

    /// The media connection stands so long after the client joined.
    func sessionStarted(protocolVersion: Int32, after time: MediaDuration) {
        observe(time, MetricName.startTime, protocolVersion)
    }

    /// A session ended that had stood for so long.
    func sessionEnded(protocolVersion: Int32, after time: MediaDuration) {
        observe(time, MetricName.sessionDuration, protocolVersion)
    }

    private func observe(_ time: MediaDuration, _ label: String, _ protocolVersion: Int32) {
        observe(time.seconds * 1000, label, [("protocol_version", MetricLabel.protocolVersion(protocolVersion))])
    }

    /// A track of somebody's flows so long after it was announced, or to somebody after it was subscribed to.
    func trackFlows(
        _ track: Livekit_TrackInfo, isPublished: Bool, of participant: RoomParticipant, after time: MediaDuration
    ) {
        observe(
            time.seconds * 1000, MetricName.pubSubTime,
            [
                ("direction", isPublished ? "publish" : "subscribe"), ("source", MetricLabel.name(track.source)),
                ("type", MetricLabel.name(track.type)), ("sdk", MetricLabel.name(participant.client.sdk)),
                ("kind", MetricLabel.name(participant.kind)), ("count", "1"),
            ])
    }

    /// `attempt`, `success` or `cancel`.
    func publishing(_ state: String, _ kind: MediaKind) {
        count("livekit_track_publish_counter", [("kind", MetricLabel.kind(kind)), ("state", state)]).increment()
    }

    /// `attempt`, `success`, `cancel`, or `failure` with its error.
    func subscribing(_ state: String, error: String = "") {
        count("livekit_track_subscribe_counter", [("state", state), ("error", error)]).increment()
    }

    func connectionChanged(_ target: PeerTarget, _ state: PeerConnectionState) {
        let name =
            switch state {
            case .connecting: "started"
            case .connected: "connected"
            case .disconnected: "disconnected"
            case .failed: "failed"
            }
        let transport = target == .publisher ? "PUBLISHER" : "SUBSCRIBER"
        count("livekit_peer_connection_state", [("transport", transport), ("state", name)]).increment()
        if state == .connected { operation("peer_connection") }
    }

    func record(_ stream: DataStreamBeginning) {
        let labels = [("type", stream.type), ("mime_type", stream.mimeType)]
        observe(Double(stream.receivers), MetricName.streamReceivers, labels)
        if let bytes = stream.bytes { observe(Double(bytes), MetricName.streamBytes, labels) }
    }
}
