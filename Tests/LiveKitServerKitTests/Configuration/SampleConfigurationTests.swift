import Testing

@testable import LiveKitServerKit

@Suite("Configuration: LiveKit's sample file")
struct SampleConfigurationTests {
    /// The keys of livekit-server 1.13.5's config-sample.yaml, all of them switched on, with its values.
    private static let document = [cluster, rtc, rooms, turn, limits].joined(separator: "\n")

    private static let cluster = """
        port: 7880
        region: us-west-2
        keys: {key1: secret1, key2: secret2}
        prometheus_port: 6789
        debug_handler_port:
          port: 7070
        logging: {level: info, pion_level: error, json: false, sample: false}
        redis:
          address: redis.host:6379
          db: 0
          username: myuser
          password: mypassword
          sentinel_master_name: livekit
          sentinel_addresses:
            - livekit-redis-node-0.livekit-redis-headless:26379
            - livekit-redis-node-1.livekit-redis-headless:26379
          sentinel_username: user
          sentinel_password: pass
          tls:
            enabled: true
            insecure: false
            server_name: myserver.com
            ca_cert_file: /path/to/ca.crt
            client_cert_file: /path/to/client.crt
            client_key_file: /path/to/client.key
          cluster_addresses:
            - livekit-redis-node-0.livekit-redis-headless:6379
            - livekit-redis-node-1.livekit-redis-headless:6380
        signal_relay: {retry_timeout: 30s, min_retry_interval: 500ms, max_retry_interval: 5s, stream_buffer_size: 1000}
        psrpc: {max_attempts: 3, timeout: 500ms, backoff: 500ms, buffer_size: 1000}
        webhook:
          api_key: key1
          urls:
            - https://your-host.com/handler
        ingress:
          rtmp_base_url: "rtmp://my.domain.com/live"
          whip_base_url: "http://my.domain.com/whip"
        node_selector:
          kind: sysload
          sort_by: sysload
          algorithm: lowest
          sysload_limit: 0.7
          regions:
            - name: us-west-2
              lat: 44.19434095976287
              lon: -123.0674908379146
        """

    private static let rtc = """
        rtc:
          port_range_start: 50000
          port_range_end: 60000
          tcp_port: 7881
          use_external_ip: true
          advertise_internal_ip: true
          skip_external_ip_validation: true
          node_ip: 192.0.2.1
          udp_port: 7882-7892
          use_ice_lite: true
          stun_servers:
            - server1
          turn_servers:
            - host: myhost.com
              port: 443
              protocol: tls
              secret: ""
              secret_file: "/var/lib/coturn/secret"
              ttl: 14400
              username: ""
              credential: ""
          congestion_control: {enabled: true, allow_pause: true}
          allow_tcp_fallback: true
          tcp_fallback_rtt_threshold: 0
          allow_udp_unstable_fallback: false
          packet_buffer_size_video: 500
          packet_buffer_size_audio: 200
          pli_throttle: {low_quality: 500ms, mid_quality: 1s, high_quality: 1s}
          enable_loopback_candidate: true
          interfaces: {includes: [en0], excludes: [docker0]}
          ips: {includes: [10.0.0.0/16], excludes: [192.168.1.0/24]}
          use_mdns: true
          strict_acks: true
          batch_io: {batch_size: 128, max_flush_interval: 2ms}
          data_channel_max_buffered_amount: 0
          datachannel_data_track_target_latency: 100ms
        """

    private static let rooms = """
        room:
          auto_create: false
          empty_timeout: 300
          departure_timeout: 20
          max_participants: 0
          enabled_codecs:
            - mime: audio/opus
            - mime: video/vp8
          enable_remote_unmute: true
          playout_delay: {enabled: true, min: 100, max: 2000}
          sync_streams: true
        audio:
          active_level: 30
          min_percentile: 40
          update_interval: 500
          smooth_intervals: 4
          active_red_encoding: true
        """

    private static let turn = """
        turn:
          enabled: false
          udp_port: 3478
          tls_port: 5349
          relay_range_start: 1024
          relay_range_end: 30000
          per_user_relay_allocation_limit: 12
          external_tls: true
          domain: turn.myhost.com
          cert_file: /path/to/cert.pem
          key_file: /path/to/key.pem
          ttl_seconds: 300
          allow_restricted_peer_cidrs:
            - 10.0.0.0/8
            - 192.168.0.0/16
          deny_peer_cidrs:
            - 10.0.0.0/8
            - 192.168.0.0/16
        """

    private static let limits = """
        limit:
          num_tracks: -1
          bytes_per_sec: 1_000_000_000
          subscription_limit_video: 0
          subscription_limit_audio: 0
          max_metadata_size: 0
          max_attributes_size: 0
          max_room_name_length: 0
          max_participant_identity_length: 0
          signal_message_size_limit: 2097152
          agent_signal_message_size_limit: 2097152
          max_api_request_body_size: 10485760
        """

    @Test("All of it is read, and nothing of it is unknown")
    func reads() throws {
        let configuration = try LiveKitServerConfiguration(yaml: Self.document)
        #expect(configuration.unknownKeys.isEmpty)
        #expect(configuration.debugPort == 7070 && configuration.prometheus.port == 6789)
        #expect(configuration.limits.nodeTracks == 0 && configuration.limits.nodeBytesPerSecond == 1_000_000_000)
        #expect(configuration.limits.metadataBytes == 0 && configuration.limits.roomNameLength == 0)
        #expect(configuration.rtc.udpPort == 7882 && configuration.rtc.turnServers.first?.transport == .tls)
        #expect(configuration.room.enabledCodecs == ["audio/opus", "video/vp8"])
        #expect(!configuration.room.isCreatedAutomatically && configuration.turn.relayRangeStart == 1024)
    }

    @Test("The operator is told what means something else than it seems to")
    func remarks() throws {
        let configuration = try LiveKitServerConfiguration(yaml: Self.document)
        #expect(configuration.remarks.contains { $0.hasPrefix("rtc.udp_port is a range") })
        #expect(configuration.remarks.contains { $0.hasPrefix("prometheus_port is an older name") })
        #expect(try LiveKitServerConfiguration(yaml: "rtc: {udp_port: 7882-7882}").remarks.isEmpty)
    }

    @Test("What is 0 or less lifts a limit", arguments: [0, -1, -7])
    func liftsLimits(_ value: Int) throws {
        let names = [
            "num_tracks", "bytes_per_sec", "subscription_limit_video", "subscription_limit_audio",
            "max_tracks_per_participant",
        ]
        let yaml = "limit: {" + names.map { "\($0): \(value)" }.joined(separator: ", ") + "}"
        let limits = try LiveKitServerConfiguration(yaml: yaml).limits
        #expect(limits.nodeTracks == 0 && limits.nodeBytesPerSecond == 0 && limits.tracksPerParticipant == 0)
        #expect(limits.videoSubscriptions == 0 && limits.audioSubscriptions == 0)
    }

    @Test("A message of 0 bytes at most is one of any size that can be framed")
    func liftsMessageLimits() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                keys: {a: b}
                limit: {signal_message_size_limit: 0, agent_signal_message_size_limit: 0, max_api_request_body_size: 0}
                """)
        try configuration.validate()
        #expect(configuration.limits.signalMessageBytes == Int(Int32.max))
        #expect(configuration.limits.requestBodyBytes == Int(Int32.max))
    }

    @Test("The older place of a limit wins where it says something")
    func legacyLimits() throws {
        let both = try LiveKitServerConfiguration(
            yaml: """
                room: {max_metadata_size: 7, max_room_name_length: 8, max_participant_identity_length: 9}
                limit: {max_metadata_size: 1, max_room_name_length: 2, max_participant_identity_length: 3}
                """)
        #expect(both.limits.metadataBytes == 7 && both.limits.roomNameLength == 8 && both.limits.identityLength == 9)
        let silent = try LiveKitServerConfiguration(
            yaml: "room: {max_metadata_size: 0}\nlimit: {max_metadata_size: 1}")
        #expect(silent.limits.metadataBytes == 1)
    }

    @Test("The older name of the metrics' port wins where it says something")
    func legacyPrometheusPort() throws {
        #expect(try LiveKitServerConfiguration(yaml: "prometheus_port: 1\nprometheus: {port: 2}").prometheus.port == 1)
        #expect(try LiveKitServerConfiguration(yaml: "prometheus_port: 0\nprometheus: {port: 2}").prometheus.port == 2)
    }

    @Test("The port of /debug is read under each of its names")
    func debugPort() throws {
        for yaml in ["debug_handler: {port: 7}", "debug_handler_port: {port: 7}", "debug_handler_port: 7"] {
            #expect(try LiveKitServerConfiguration(yaml: yaml).debugPort == 7)
        }
        #expect(throws: ConfigurationError.self) {
            try LiveKitServerConfiguration(yaml: "debug_handler_port: {prt: 7}")
        }
    }
}
