internal import LiveKitCore
internal import LiveKitRTC
internal import Metrics

/// What the forwarding half counted.
struct MediaCounters: Sendable {
    private let packetsIn, packetsOut, bytesIn, bytesOut: ServerCounters.Count
    private let packetsResent, bytesResent, packetsAskedFor: ServerCounters.Count
    private let incoming, outgoing: FeedbackCounters
    private let refused, replayed, unexpected: ServerCounters.Count
    private let dataToSlowReaders, dataTooLate, dataUndelivered: ServerCounters.Count
    private let strangers, sendFailures: ServerCounters.Count
    private let latency: Recorder
    private let meanLatency, jitter: ServerCounters.Level

    init(_ factory: any MetricsFactory) {
        func count(_ label: String, _ dimensions: (String, String)...) -> ServerCounters.Count {
            ServerCounters.Count(label, factory, dimensions)
        }
        let (incoming, outgoing) = (("direction", "incoming"), ("direction", "outgoing"))
        let (initial, again) = (("transmission", "initial"), ("transmission", "retransmit"))
        packetsIn = count("livekit_packet_total", incoming, initial)
        packetsOut = count("livekit_packet_total", outgoing, initial)
        packetsResent = count("livekit_packet_total", outgoing, again)
        bytesIn = count("livekit_packet_bytes", incoming, initial)
        bytesOut = count("livekit_packet_bytes", outgoing, initial)
        bytesResent = count("livekit_packet_bytes", outgoing, again)
        self.incoming = FeedbackCounters(incoming, factory)
        self.outgoing = FeedbackCounters(outgoing, factory)
        packetsAskedFor = count("livekit_nack_packets_total", outgoing)
        latency = Recorder(label: MetricName.forwardLatency, dimensions: [], aggregate: true, factory: factory)
        meanLatency = ServerCounters.Level("livekit_forward_latency", factory)
        jitter = ServerCounters.Level("livekit_forward_jitter", factory)
        refused = count("livekit_media_packets_dropped_total", ("reason", "refused"))
        replayed = count("livekit_media_packets_dropped_total", ("reason", "replayed"))
        unexpected = count("livekit_media_packets_dropped_total", ("reason", "unknown_stream"))
        strangers = count("livekit_media_packets_dropped_total", ("reason", "stranger"))
        dataToSlowReaders = count("livekit_data_packets_dropped_total", ("reason", "slow_reader"))
        dataTooLate = count("livekit_data_packets_dropped_total", ("reason", "too_late"))
        dataUndelivered = count("livekit_data_packets_dropped_total", ("reason", "undelivered"))
        sendFailures = count("livekit_media_send_failures_total")
    }

    func add(_ tally: MediaTally) {
        packetsIn.increment(by: tally.packetsReceived)
        packetsOut.increment(by: tally.packetsSent &- tally.packetsResent)
        packetsResent.increment(by: tally.packetsResent)
        bytesIn.increment(by: tally.bytesReceived)
        bytesOut.increment(by: tally.bytesSent &- tally.bytesResent)
        bytesResent.increment(by: tally.bytesResent)
        incoming.add(tally.sentFeedback)
        outgoing.add(tally.receivedFeedback)
        packetsAskedFor.increment(by: tally.packetsAskedFor)
        refused.increment(by: tally.packetsRefused)
        replayed.increment(by: tally.packetsReplayed)
        unexpected.increment(by: tally.packetsUnexpected)
        dataToSlowReaders.increment(by: tally.dataToSlowReaders)
        dataTooLate.increment(by: tally.dataTooLate)
        dataUndelivered.increment(by: tally.dataUndelivered)
    }

    func add(_ counts: MediaPlaneCounts) {
        strangers.increment(by: counts.strangers)
        sendFailures.increment(by: counts.sendFailures)
        add(turns: counts.turns.map { Double($0.nanoseconds) })
    }

    private func add(turns: [Double]) {
        guard !turns.isEmpty else { return }
        for turn in turns { latency.record(turn) }
        let mean = turns.reduce(0, +) / Double(turns.count)
        let variance = turns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(turns.count)
        meanLatency.set(Int(mean))
        jitter.set(Int(variance.squareRoot()))
    }
}

/// Feedback about streams of one direction. As with LiveKit, that is the direction of the stream, not of the feedback.
private struct FeedbackCounters: Sendable {
    private let nacks, pictureLosses, fullIntras: ServerCounters.Count

    init(_ direction: (String, String), _ factory: any MetricsFactory) {
        nacks = ServerCounters.Count("livekit_nack_total", factory, [direction])
        pictureLosses = ServerCounters.Count("livekit_pli_total", factory, [direction])
        fullIntras = ServerCounters.Count("livekit_fir_total", factory, [direction])
    }

    func add(_ counts: FeedbackCounts) {
        nacks.increment(by: counts.negativeAcknowledgements)
        pictureLosses.increment(by: counts.pictureLossIndications)
        fullIntras.increment(by: counts.fullIntraRequests)
    }
}
