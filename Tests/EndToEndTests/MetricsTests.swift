import LiveKitClient
import LiveKitMedia
import LiveKitServerKit
import LiveKitTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite("Metrics of a call, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct MetricsTests {
    private static let (incoming, outgoing) = (#"direction="incoming""#, #"direction="outgoing""#)

    /// What a call moves: what series begin with, and some of their labels.
    private static let moved = [
        ("livekit_jitter_us_count{", incoming), ("livekit_jitter_us_count{", outgoing),
        ("livekit_rtt_ms_count{", outgoing), ("livekit_packet_loss_percent_count{", outgoing),
        ("livekit_packet_out_of_order_percent_count{", incoming), ("livekit_pli_total{", incoming),
        ("livekit_session_join_latency_ms_count{", ""), ("livekit_session_start_time_ms_count{", ""),
        ("livekit_peer_connection_state{", #"state="connected",transport="PUBLISHER""#),
        ("livekit_peer_connection_state{", #"state="connected",transport="SUBSCRIBER""#),
        ("livekit_pubsubtime_ms_count{", #"direction="publish",source="CAMERA",type="VIDEO""#),
        ("livekit_pubsubtime_ms_count{", #"direction="publish",source="MICROPHONE",type="AUDIO""#),
        ("livekit_pubsubtime_ms_count{", #"direction="subscribe",source="CAMERA",type="VIDEO""#),
        ("livekit_pubsubtime_ms_count{", #"direction="subscribe",source="MICROPHONE",type="AUDIO""#),
        ("livekit_track_publish_counter{", #"kind="VIDEO",state="success""#),
        ("livekit_track_publish_counter{", #"kind="AUDIO",state="success""#),
        ("livekit_track_subscribe_counter{", #"error="",state="success""#),
        ("livekit_track_published_total{", #"kind="AUDIO""#), ("livekit_track_published_total{", #"kind="VIDEO""#),
        ("livekit_track_subscribed_total{", #"kind="AUDIO""#), ("livekit_track_subscribed_total{", #"kind="VIDEO""#),
        ("livekit_packet_total{", #"direction="incoming",transmission="initial""#),
        ("livekit_packet_total{", #"direction="outgoing",transmission="initial""#),
        ("livekit_packet_bytes{", #"direction="incoming",transmission="initial""#),
        ("livekit_packet_bytes{", #"direction="outgoing",transmission="initial""#),
    ]
    /// What the node's health check moves too.
    private static let movedByTurns = [
        "livekit_forward_latency{", "livekit_forward_jitter{", "livekit_forward_latency_ns_count{",
    ]
    /// Series whose value may well be 0 in a call without loss.
    private static let present = [
        #"livekit_packet_loss_total{direction="incoming","#, #"livekit_packet_loss_total{direction="outgoing","#,
        #"livekit_packet_out_of_order_total{direction="incoming","#,
        #"livekit_nack_total{direction="incoming"}"#, #"livekit_nack_total{direction="outgoing"}"#,
        #"livekit_pli_total{direction="outgoing"}"#,
        #"livekit_fir_total{direction="incoming"}"#, #"livekit_fir_total{direction="outgoing"}"#,
        #"transmission="retransmit"} "#, "livekit_joins_under_way{", "livekit_node_lateness_ms{",
        "livekit_log_lines_dropped_total{",
    ]

    /// The sum of series' values.
    private static func sum(_ name: String, _ labels: String, _ text: String) -> Double {
        let wanted = labels.split(separator: ",")
        return text.split(separator: "\n")
            .filter { line in line.hasPrefix(name) && wanted.allSatisfy { line.contains($0) } }
            .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
    }

    /// What a page lacks of a call's metrics.
    private static func missing(_ text: String) -> [String] {
        moved.filter { sum($0, $1, text) == 0 }.map { "\($0)\($1)" }
            + movedByTurns.filter { sum($0, "", text) == 0 } + present.filter { !text.contains($0) }
    }

    @Test("A scrape during a call has each of LiveKit's metrics that mean something here")
    func scrape() async throws {
        let metricsPort = try FreePort.find()
        try await withServer {
            $0.prometheus.port = metricsPort
        } _: { session in
            var before = ""
            _ = await eventually {
                before = (try? await scrape(port: metricsPort)) ?? ""
                return !before.isEmpty
            }
            #expect(before.contains("livekit_room_total{"))
            #expect(Self.moved.filter { Self.sum($0, $1, before) > 0 }.isEmpty, "nothing moves without a call")
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            let audio = try LocalAudioTrack.createTrack()
            try await alice.localParticipant.publish(videoTrack: video, options: VideoPublishOptions(simulcast: false))
            try await alice.localParticipant.publish(audioTrack: audio)
            let painting = Task { await paint(video, width: 320, height: 180) }
            let whistling = Task { await whistle(audio, frequency: 440) }
            defer {
                painting.cancel()
                whistling.cancel()
            }
            var missing = [""]
            var text = ""
            _ = await eventually {
                text = (try? await scrape(port: metricsPort)) ?? ""
                missing = Self.missing(text)
                return missing.isEmpty
            }
            #expect(missing.isEmpty, "\(missing) in \(text)")
            await bob.disconnect()
            await alice.disconnect()
            #expect(
                await eventually {
                    (try? await scrape(port: metricsPort))?.contains("livekit_session_duration_ms_count{") ?? false
                })
        }
    }

    private func scrape(port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let request = "GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            // The labels that all series share come first, and are another test's affair.
            return answer.replacing(/node_id="[^"]*",node_type="SERVER",?/, with: "")
        }
    }
}
