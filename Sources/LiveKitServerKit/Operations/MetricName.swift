internal import LiveKitProtobuf

/// Names of histograms, and the upper bounds of their buckets as LiveKit has them.
enum MetricName {
    static let forwardLatency = "livekit_forward_latency_ns"
    static let jitter = "livekit_jitter_us"
    static let roundTripTime = "livekit_rtt_ms"
    static let lossPercent = "livekit_packet_loss_percent"
    static let disorderPercent = "livekit_packet_out_of_order_percent"
    static let joinLatency = "livekit_session_join_latency_ms"
    static let startTime = "livekit_session_start_time_ms"
    static let sessionDuration = "livekit_session_duration_ms"
    static let pubSubTime = "livekit_pubsubtime_ms"
    static let streamReceivers = "livekit_datapacket_stream_dest_count"
    static let streamBytes = "livekit_datapacket_stream_bytes"
    static let webhookQueue = "livekit_webhook_queue_length"
    static let requestLatency = "livekit_node_twirp_request_latency_ms"

    private static let percents: [Double] = [0, 0.1, 0.3, 0.5, 0.7, 1, 5, 10, 40, 100]

    static let buckets: [String: [Double]] = [
        "livekit_room_duration_seconds": [5, 10, 60, 300, 600, 1800, 3600, 7200, 18_000, 36_000],
        forwardLatency: [50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 3e6, 5e6, 10e6, 20e6],
        jitter: [1000, 10_000, 30_000, 50_000, 70_000, 100_000, 300_000, 600_000, 1_000_000],
        roundTripTime: [50, 100, 150, 200, 250, 500, 750, 1000, 5000, 10_000],
        lossPercent: percents, disorderPercent: percents,
        joinLatency: exponential(10, 10_000), startTime: exponential(100, 10_000),
        sessionDuration: exponential(100, 14_400_000),
        pubSubTime: [100, 200, 500, 700, 1000, 5000, 10_000],
        webhookQueue: [1, 2, 3, 4, 5, 10, 20, 40, 80],
        requestLatency: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000],
        streamReceivers: [1, 2, 3, 4, 5, 10, 15, 25, 50],
        streamBytes: [128, 512, 2048, 8192, 32_768, 131_072, 524_288, 2_097_152, 8_388_608, 33_554_432],
    ]

    /// Fifteen bounds, each the same multiple of the one before.
    private static func exponential(_ first: Double, _ last: Double) -> [Double] {
        let growth = Double.root(14, of: last / first)
        return (0..<15).map { index in (0..<index).reduce(first) { bound, _ in bound * growth } }
    }
}

extension Double {
    /// The positive root, by Newton's method: the standard library has none.
    fileprivate static func root(_ degree: Int, of value: Double) -> Double {
        var root = 1 + value / Double(degree)
        for _ in 0..<200 {
            let power = (1..<degree).reduce(1.0) { product, _ in product * root }
            root -= (root * power - value) / (Double(degree) * power)
        }
        return root
    }
}

/// Values of labels. None is what a client wrote: names of the protocol's enumerations, or `other`.
enum MetricLabel {
    /// As protobuf names the case.
    static func name(_ value: some Any) -> String {
        let text = "\(value)"
        guard !text.contains("(") else { return "UNKNOWN" }
        return text.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.uppercased()
        }
    }

    /// The protocol that a client says that it speaks.
    static func protocolVersion(_ version: Int32) -> String { (0...99).contains(version) ? "\(version)" : "other" }

    static func kind(_ kind: MediaKind) -> String { kind == .audio ? "AUDIO" : "VIDEO" }
}
