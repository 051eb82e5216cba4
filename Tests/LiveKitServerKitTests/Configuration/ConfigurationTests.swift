import LiveKitCore
import LiveKitRTC
import LiveKitRTCTransport
import Logging
import Testing

@testable import LiveKitServerKit

@Suite("Configuration file")
struct ConfigurationTests {
    @Test("Rooms of a kind are read by their names, and slips in them named")
    func presets() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml:
                "room:\n  room_configurations:\n    meeting:\n      max_participants: 7\n      metadata: m\n    empty: {}"
        )
        var meeting = LiveKitServerConfiguration.RoomPreset()
        meeting.maximumParticipants = 7
        meeting.metadata = "m"
        #expect(configuration.room.presets == ["meeting": meeting, "empty": .init()])
        #expect(throws: ConfigurationError.self) {
            try LiveKitServerConfiguration(yaml: "room:\n  room_configurations:\n    meeting:\n      max: 7")
        }
        let more = try LiveKitServerConfiguration(
            yaml: """
                room:
                  room_configurations:
                    meeting:
                      agents:
                        - agent_name: helper
                          metadata: please
                          attributes: {language: sv}
                        - {}
                      egress: {tracks: {filepath: "a"}}
                """)
        var helper = LiveKitServerConfiguration.AgentDispatch()
        helper.agentName = "helper"
        helper.metadata = "please"
        helper.attributes = ["language": "sv"]
        #expect(more.room.presets["meeting"]?.agents == [helper, .init()])
        #expect(more.room.presets["meeting"]?.wantsEgress == true)
        #expect(throws: ConfigurationError.self) {
            try LiveKitServerConfiguration(
                yaml: "room: {room_configurations: {meeting: {agents: [{deployment: a_b}]}}}")
        }
    }

    @Test("What agents' workers may send, and how loaded they may be")
    func agents() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: "agents: {target_load: 0.5}\nlimit: {agent_signal_message_size_limit: 1000}\nkeys: {a: b}")
        try configuration.validate()
        #expect(configuration.agents.targetLoad == 0.5 && configuration.limits.agentMessageBytes == 1000)
        let heavy = try LiveKitServerConfiguration(yaml: "agents: {target_load: 1.5}\nkeys: {a: b}")
        #expect(throws: ConfigurationError.self) { try heavy.validate() }
    }

    @Test("Whether and how clients are sent another way")
    func fallback() throws {
        let rules = TransportFallback.Rules(try LiveKitServerConfiguration(yaml: ""))
        #expect(rules.isAllowed && rules.slowest == nil && !rules.hasTLS)
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                rtc: {allow_tcp_fallback: false, tcp_fallback_rtt_threshold: 300, force_tcp: true}
                turn: {enabled: true, tls_port: 5349, domain: turn.example.com}
                """)
        let other = TransportFallback.Rules(configuration)
        #expect(!other.isAllowed && other.slowest == .milliseconds(300) && other.hasTLS)
        #expect(MediaPlaneConfiguration(configuration).forcesTCP)
        for (kind, hasTLS) in [("tls", true), ("tcp", false), ("udp", false)] {
            let elsewhere = try LiveKitServerConfiguration(
                yaml: "rtc: {turn_servers: [{host: turn.example.com, port: 443, protocol: \(kind)}]}")
            #expect(TransportFallback.Rules(elsewhere).hasTLS == hasTLS)
        }
    }

    @Test("How long a layer that nobody watches goes on")
    func dynacast() throws {
        let configuration = try LiveKitServerConfiguration(yaml: "video: {dynacast_pause_delay: 2s}")
        #expect(configuration.video.dynacastPauseDelay == .seconds(2))
    }

    @Test("LiveKit's keys are read")
    func readsKeys() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                port: 7000
                bind_addresses: ["10.0.0.1"]
                keys:
                  APIabc: secret-secret-secret-secret-1234
                log_level: warn
                rtc:
                  udp_port: 7001
                  node_ip: 192.0.2.1
                room:
                  auto_create: false
                  empty_timeout: 10
                  enabled_codecs:
                    - mime: audio/opus
                    - mime: video/VP8
                limit:
                  max_metadata_size: 5
                  subscription_limit_video: 3
                """)
        #expect(configuration.port == 7000 && configuration.bindAddresses == ["10.0.0.1"])
        #expect(configuration.keys["APIabc"] == "secret-secret-secret-secret-1234")
        #expect(configuration.logLevel == .warning)
        #expect(configuration.rtc.udpPort == 7001 && configuration.rtc.nodeIP == "192.0.2.1")
        #expect(!configuration.room.isCreatedAutomatically && configuration.room.emptyTimeout == 10)
        #expect(configuration.room.enabledCodecs == ["audio/opus", "video/VP8"])
        #expect(configuration.limits.metadataBytes == 5 && configuration.limits.videoSubscriptions == 3)
        #expect(configuration.room.departureTimeout == 20)
    }

    @Test("Where media is reached is read as LiveKit has it")
    func readsAddresses() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                rtc:
                  tcp_port: 7991
                  use_ice_lite: true
                  use_external_ip: true
                  external_ip_only: true
                  node_ip: {ipv4: 192.0.2.1, ipv6: "2001:db8::1"}
                  stun_servers: ["stun.example.com:3478", 198.51.100.1]
                  interfaces: {includes: [eth0], excludes: [docker0]}
                  ips: {includes: [10.0.0.0/8], excludes: [10.1.0.0/16]}
                """)
        let plane = MediaPlaneConfiguration(configuration)
        #expect(plane.tcpPort == .required(7991) && plane.isICELite)
        #expect(plane.addresses.nodeAddresses.map(\.host) == ["192.0.2.1", "2001:db8::1"])
        #expect(plane.addresses.interfaces.includes == ["eth0"] && plane.addresses.interfaces.excludes == ["docker0"])
        #expect(plane.addresses.addresses.includes.map(\.description) == ["10.0.0.0/8"])
        #expect(plane.addresses.announcesExternalOnly && plane.validatesExternalAddresses)
        #expect(plane.stunServers.map(\.port) == [3478, 3478])
    }

    @Test("Repair packets of video are off, or so many for each hundred")
    func readsFlexFEC() throws {
        #expect(MediaPlaneConfiguration(LiveKitServerConfiguration()).forwardErrorCorrection == nil)
        let configuration = try LiveKitServerConfiguration(yaml: "rtc: {flexfec_percent: 25}")
        #expect(MediaPlaneConfiguration(configuration).forwardErrorCorrection?.protectionFactor == 64)
        #expect(throws: ConfigurationError.self) {
            try LiveKitServerConfiguration(yaml: "rtc: {flexfec_percent: 101}")
        }
    }

    @Test("Layers are chosen by bandwidth, with LiveKit's figures, unless that is off")
    func readsCongestionControl() throws {
        let usual = try #require(MediaPlaneConfiguration(LiveKitServerConfiguration()).allocation)
        #expect(usual == StreamAllocator.Configuration() && !usual.allowsPause)
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                rtc:
                  congestion_control:
                    allow_pause: true
                    stream_allocator:
                      probe_overage_pct: 150
                      probe_min_bps: 100000
                      paused_min_wait: 2s
                      min_channel_capacity: 64000
                """)
        let own = try #require(MediaPlaneConfiguration(configuration).allocation)
        #expect(own.allowsPause && own.probeOverage == 1.5 && own.leastProbe == .kilobits(100))
        #expect(own.leastPause == .seconds(2) && own.leastCapacity == .kilobits(64))
        let off = try LiveKitServerConfiguration(yaml: "rtc: {congestion_control: {enabled: false}}")
        #expect(MediaPlaneConfiguration(off).allocation == nil)
    }

    @Test("The TCP port is LiveKit's, a free one beside a free UDP port, or none")
    func choosesTCPPort() throws {
        var configuration = LiveKitServerConfiguration()
        #expect(MediaPlaneConfiguration(configuration).tcpPort == .preferred(7881))
        configuration.rtc.udpPort = 0
        #expect(MediaPlaneConfiguration(configuration).tcpPort == .preferred(0))
        configuration.rtc.tcpPort = 0
        #expect(MediaPlaneConfiguration(configuration).tcpPort == .none)
        #expect(MediaPlaneConfiguration(configuration).stunServers.isEmpty)
    }

    @Test(
        "Addresses that are none are found before anything starts",
        arguments: [
            "node_ip: nowhere", "ips: {includes: [10.0.0.0/33]}", "ips: {excludes: [x]}", "stun_servers: [\":1\"]",
        ])
    func refusesAddresses(_ line: String) throws {
        let configuration = try LiveKitServerConfiguration(yaml: "keys: {a: b}\nrtc:\n  \(line)")
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
    }

    @Test(
        "A slip is an error that names the key",
        arguments: [
            ("prot: 1", "prot"), ("rtc:\n  udp_prot: 1", "rtc.udp_prot"), ("port: many", "port"),
            ("port: 70000", "port"), ("keys: [a]", "keys"), ("room: 3", "room"), ("log_level: loud", "log_level"),
            ("- a\n- b", "mapping"), ("a: [", "YAML"), ("room:\n  auto_create: perhaps", "room.auto_create"),
        ])
    func slips(_ yaml: String, _ named: String) {
        let error = #expect(throws: ConfigurationError.self) { try LiveKitServerConfiguration(yaml: yaml) }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }

    @Test("An empty file gives the defaults, which cannot run for lack of keys")
    func emptyFile() throws {
        let configuration = try LiveKitServerConfiguration(yaml: "")
        #expect(configuration.port == 7880)
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
    }

    @Test("Development mode has a key and stays on this machine, unless told otherwise")
    func development() throws {
        let configuration = LiveKitServerConfiguration.development
        #expect(configuration.keys == ["devkey": "secret"])
        #expect(configuration.bindAddresses == ["127.0.0.1", "::1"])
        try configuration.validate()
        let own = try LiveKitServerConfiguration(yaml: "development: true\nkeys:\n  a: b")
        #expect(own.keys == ["a": "b"] && own.bindAddresses.isEmpty)
    }

    @Test("Keys are read as flags hold them, and secrets are not described")
    func keys() throws {
        #expect(try LiveKitServerConfiguration.keys(parsing: "k1: s1\nk2: s2") == ["k1": "s1", "k2": "s2"])
        #expect(
            try LiveKitServerConfiguration.keys(parsing: "---\r\nk1: s1\r\nk2: 's 2'\r\n") == ["k1": "s1", "k2": "s 2"])
        #expect(throws: ConfigurationError.self) { try LiveKitServerConfiguration.keys(parsing: "") }
        #expect(!"\(LiveKitServerConfiguration.development)".contains("secret"))
        var configuration = LiveKitServerConfiguration.development
        configuration.redis.password = "secret"
        configuration.redis.sentinelPassword = "secret"
        configuration.prometheus.password = "secret"
        var turn = LiveKitServerConfiguration.TURNServer()
        turn.credential = "secret"
        turn.secret = "secret"
        configuration.rtc.turnServers = [turn]
        for part: Any in [configuration, configuration.redis, configuration.prometheus, turn] {
            var dumped = ""
            dump(part, to: &dumped)
            #expect(!"\(part) \(dumped)".contains("secret"))
        }
    }

    @Test("What is forwarded, and how, follows the configuration")
    func forwarding() throws {
        let yaml = """
            enable_data_tracks: false
            enable_participant_data_blob: true
            rtc:
              pli_throttle: {low_quality: 250ms, mid_quality: 2s, high_quality: 3s}
              packet_buffer_size_video: 600
              packet_buffer_size_audio: 600
              reconnect_on_publication_error: true
              reconnect_on_data_channel_error: true
              datachannel_slow_threshold: 20000
              datachannel_lossy_target_latency: 50ms
              datachannel_data_track_target_latency: 0s
            room: {sync_streams: true, update_batch_target_size: 4096}
            audio: {active_level: 30, min_percentile: 20, update_interval: 500, smooth_intervals: 4}
            limit: {max_data_blob_key_length: 8, max_data_blobs_size: 9, max_data_track_custom_encoding_length: 3}
            """
        let configuration = try LiveKitServerConfiguration(yaml: yaml)
        let settings = ForwardingSettings(configuration)
        #expect(settings.keyframeIntervals == [.milliseconds(250), .seconds(2), .seconds(3)])
        #expect(settings.videoPackets == 1024 && settings.audioPackets == 512)
        #expect(settings.slowestReader?.bitsPerSecond == 20_000)
        #expect(settings.lossyLatency == .milliseconds(50) && settings.dataTrackLatency == nil)
        #expect(settings.audioLevels.activeLevel == 30 && settings.audioLevels.minimumPercentile == 20)
        #expect(settings.audioLevels.updateInterval == .milliseconds(500) && settings.audioLevels.smoothIntervals == 4)
        let rules = RoomRules(configuration)
        #expect(!rules.enablesDataTracks && rules.enablesDataBlobs && rules.syncsStreams)
        #expect(rules.updateBatchBytes == 4096)
        #expect(rules.reconnection.afterPublications && rules.reconnection.afterDataChannels)
        #expect(!rules.reconnection.afterSubscriptions)
        #expect(configuration.limits.allows(dataBlobKey: 8) && !configuration.limits.allows(dataBlobKey: 9))
        #expect(configuration.limits.allows(dataBlobs: 9) && !configuration.limits.allows(dataBlobs: 10))
        #expect(
            configuration.limits.allows(customEncoding: "abc") && !configuration.limits.allows(customEncoding: "abcd"))
        #expect(configuration.keysWithoutEffect.isEmpty)

        let usual = ForwardingSettings(LiveKitServerConfiguration())
        #expect(usual.videoPackets == 512 && usual.audioPackets == 128)
        #expect(usual.keyframeIntervals == ForwardingSettings().keyframeIntervals)
        #expect(usual.lossyLatency == nil && usual.dataTrackLatency == .milliseconds(100) && usual.slowestReader == nil)
    }
}
