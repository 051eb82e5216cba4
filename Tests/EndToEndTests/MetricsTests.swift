import LiveKitClient
import LiveKitMedia
import LiveKitServerKit
import NIOCore
import NIOPosix
import Testing

@Suite("Metrics of a call, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct MetricsTests {
    /// Series that only a call makes.
    private static let expected = [
        #"livekit_jitter_us_count{direction="incoming","#, #"livekit_jitter_us_count{direction="outgoing","#,
        #"livekit_rtt_ms_count{direction="outgoing","#, #"livekit_packet_loss_total{direction="incoming","#,
        #"livekit_packet_loss_total{direction="outgoing","#,
        #"livekit_packet_loss_percent_bucket{direction="outgoing","#,
        #"livekit_packet_out_of_order_total{direction="incoming","#,
        #"livekit_packet_out_of_order_percent_count{direction="incoming","#,
        #"livekit_nack_total{direction="incoming"}"#, #"livekit_nack_total{direction="outgoing"}"#,
        #"livekit_pli_total{direction="incoming"}"#, #"livekit_pli_total{direction="outgoing"}"#,
        #"livekit_fir_total{direction="incoming"}"#, #"livekit_fir_total{direction="outgoing"}"#,
        "livekit_forward_latency{", "livekit_forward_jitter{", "livekit_forward_latency_ns_bucket{le=",
        "livekit_session_join_latency_ms_count{", "livekit_session_start_time_ms_count{",
        #"livekit_peer_connection_state{state="connected",transport="PUBLISHER"} "#,
        #"livekit_peer_connection_state{state="connected",transport="SUBSCRIBER"} "#,
        #"livekit_pubsubtime_ms_count{count="1",direction="publish","#,
        #"livekit_pubsubtime_ms_count{count="1",direction="subscribe","#, #"source="CAMERA",type="VIDEO""#,
        #"source="MICROPHONE",type="AUDIO""#,
        #"livekit_track_publish_counter{kind="VIDEO","#, #"livekit_track_publish_counter{kind="AUDIO","#,
        #"livekit_track_subscribe_counter{error="","#, #"state="success""#,
        #"livekit_track_published_total{kind="AUDIO"}"#, #"livekit_track_published_total{kind="VIDEO"}"#,
        #"livekit_track_subscribed_total{kind="AUDIO"}"#, #"livekit_track_subscribed_total{kind="VIDEO"}"#,
        #"transmission="initial"} "#, #"transmission="retransmit"} "#, "livekit_joins_under_way{",
        "livekit_node_lateness_ms{", "livekit_log_lines_dropped_total{",
    ]

    @Test("A scrape during a call has each of LiveKit's metrics that mean something here")
    func scrape() async throws {
        let metricsPort = try await freePort()
        try await withServer {
            $0.prometheus.port = metricsPort
        } _: { session in
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
            var missing = Self.expected
            var text = ""
            _ = await eventually(within: 40) {
                text = (try? await scrape(port: metricsPort)) ?? ""
                missing = Self.expected.filter { !text.contains($0) }
                return missing.isEmpty
            }
            #expect(missing.isEmpty, "\(text)")
            let packets = text.split(separator: "\n").first {
                $0.hasPrefix("livekit_packet_total{direction=\"outgoing\"") && $0.contains("initial")
            }
            #expect(packets.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0 > 0)
            await bob.disconnect()
            await alice.disconnect()
            #expect(
                await eventually {
                    (try? await scrape(port: metricsPort))?.contains("livekit_session_duration_ms_count{") ?? false
                })
        }
    }

    private func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
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
