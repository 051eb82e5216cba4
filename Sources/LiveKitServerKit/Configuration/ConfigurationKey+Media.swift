// The keys about media, rooms and TURN. Names and defaults are those of livekit-server 1.13.5.
extension ConfigurationKey {
    static let rtc: [ConfigurationKey] = [
        ConfigurationKey("rtc.udp_port", .portRange, "7882", "the UDP port of media; of a range, its first port"),
        ConfigurationKey("rtc.tcp_port", .port, "7881", "the port of ICE over TCP; 0 for none"),
        ConfigurationKey("rtc.port_range_start", .port, "0", "the first UDP port where each client has its own"),
        ConfigurationKey("rtc.port_range_end", .port, "0", "the last one"),
        ConfigurationKey("rtc.use_stun_port_as_ice", .flag, "false", "media on the port of the TURN server"),
        ConfigurationKey("rtc.node_ip", .nodeIP, "", "the address that clients are told, or {ipv4, ipv6}"),
        ConfigurationKey("rtc.stun_servers", .texts, "Google's", "asked for external addresses, as host:port"),
        ConfigurationKey("rtc.use_external_ip", .flag, "false", "offer the addresses that STUN servers see"),
        ConfigurationKey("rtc.external_ip_only", .flag, "false", "offer no address without an external one"),
        ConfigurationKey("rtc.advertise_internal_ip", .flag, "false", "offer the internal address as well"),
        ConfigurationKey("rtc.skip_external_ip_validation", .flag, "false", "do not try whether it leads here"),
        ConfigurationKey("rtc.use_ice_lite", .flag, "false", "only answer connectivity checks"),
        ConfigurationKey("rtc.interfaces.includes", .texts, "all", "the interfaces to offer addresses of"),
        ConfigurationKey("rtc.interfaces.excludes", .texts, "none", "interfaces not to offer addresses of"),
        ConfigurationKey("rtc.ips.includes", .texts, "all", "the addresses to offer, in CIDR notation"),
        ConfigurationKey("rtc.ips.excludes", .texts, "none", "addresses not to offer"),
        ConfigurationKey("rtc.enable_loopback_candidate", .flag, "false", "offer loopback addresses"),
        ConfigurationKey("rtc.flexfec_percent", .integer, "0", "repair packets for each hundred of video (ours)"),
        ConfigurationKey("rtc.use_mdns", .flag, "false", "mDNS names in candidates"),
        ConfigurationKey("rtc.batch_io.batch_size", .integer, "0", "datagrams in one system call"),
        ConfigurationKey("rtc.batch_io.max_flush_interval", .duration, "0", "how long a batch may wait"),
        ConfigurationKey("rtc.sctp_min_cwnd", .integer, "0", "the least congestion window of SCTP"),
        ConfigurationKey("rtc.sctp_fast_rtx_wnd", .integer, "0", "the window of fast retransmission"),
        ConfigurationKey("rtc.sctp_cwnd_ca_step", .integer, "0", "the step of congestion avoidance"),
        ConfigurationKey("rtc.force_tcp", .flag, "false", "offer no UDP"),
        ConfigurationKey("rtc.turn_servers", .structure, "", "TURN servers elsewhere that clients are told"),
        ConfigurationKey("rtc.enable_warp", .flag, "false", "faster handshakes (SPED, SNAP)"),
        ConfigurationKey("rtc.strict_acks", .flag, "true", "answer a publisher's NACKs strictly"),
        ConfigurationKey("rtc.packet_buffer_size", .integer, "500", "the older name of packet_buffer_size_video"),
        ConfigurationKey("rtc.packet_buffer_size_video", .integer, "500", "packets of a video layer kept for repair"),
        ConfigurationKey("rtc.packet_buffer_size_audio", .integer, "200", "packets of an audio track kept for repair"),
        ConfigurationKey("rtc.pli_throttle.low_quality", .duration, "500ms", "between two key frame requests"),
        ConfigurationKey("rtc.pli_throttle.mid_quality", .duration, "1s", "the same for the middle layer"),
        ConfigurationKey("rtc.pli_throttle.high_quality", .duration, "1s", "the same for the high layer"),
        ConfigurationKey("rtc.allow_tcp_fallback", .flag, "true", "move clients to TCP that UDP fails"),
        ConfigurationKey(
            "rtc.tcp_fallback_rtt_threshold", .integer, "0", "the round trip, in ms, up to which they are"),
        ConfigurationKey("rtc.allow_udp_unstable_fallback", .flag, "false", "also those whose UDP is unstable"),
        ConfigurationKey("rtc.reconnect_on_publication_error", .flag, "false", "reconnect after a failed publication"),
        ConfigurationKey("rtc.reconnect_on_subscription_error", .flag, "false", "after a failed subscription"),
        ConfigurationKey("rtc.reconnect_on_data_channel_error", .flag, "false", "after a failed data channel"),
        ConfigurationKey("rtc.data_channel_max_buffered_amount", .integer, "0", "deprecated by LiveKit"),
        ConfigurationKey(
            "rtc.datachannel_slow_threshold", .integer, "0", "bit/s under which a reliable reader is slow"),
        ConfigurationKey("rtc.datachannel_lossy_target_latency", .duration, "0", "what lossy data may wait"),
        ConfigurationKey("rtc.datachannel_data_track_target_latency", .duration, "100ms", "what data tracks may wait"),
        ConfigurationKey("rtc.forward_stats.summary_interval", .duration, "0", "statistics of forwarding"),
        ConfigurationKey("rtc.forward_stats.report_interval", .duration, "0", "how often they are reported"),
        ConfigurationKey("rtc.forward_stats.report_window", .duration, "0", "over how long"),
        ConfigurationKey("rtc.enable_rtp_stream_restart_detection", .flag, "false", "notice streams that start again"),
    ]

    static let congestionControl: [ConfigurationKey] = [
        ConfigurationKey("rtc.congestion_control.enabled", .flag, "true", "choose layers by bandwidth"),
        ConfigurationKey("rtc.congestion_control.allow_pause", .flag, "false", "pause tracks where it is short"),
        ConfigurationKey(
            "rtc.congestion_control.stream_allocator.min_channel_capacity", .integer, "0",
            "bit/s that every path is believed to carry"),
        ConfigurationKey(
            "rtc.congestion_control.stream_allocator.disable_etimation_unmanaged_tracks", .flag, "false",
            "leave tracks of one layer out of the estimate"),
        ConfigurationKey("rtc.congestion_control.stream_allocator.probe_mode", .text, "padding", "padding or media"),
        ConfigurationKey(
            "rtc.congestion_control.stream_allocator.probe_overage_pct", .integer, "120",
            "percent of what a layer needs that probes aim at"),
        ConfigurationKey(
            "rtc.congestion_control.stream_allocator.probe_min_bps", .integer, "200000",
            "bit/s that they aim above what is sent, at least"),
        ConfigurationKey(
            "rtc.congestion_control.stream_allocator.paused_min_wait", .duration, "5s",
            "how long a paused track stays so, at least"),
        ConfigurationKey("rtc.congestion_control.remote_bwe", .structure, "", "estimates of receivers (REMB)"),
        ConfigurationKey(
            "rtc.congestion_control.use_send_side_bwe_interceptor", .flag, "false", "estimates of the library below"),
        ConfigurationKey("rtc.congestion_control.use_send_side_bwe", .flag, "false", "estimates of the sender"),
        ConfigurationKey(
            "rtc.congestion_control.send_side_bwe_pacer", .text, "no_queue", "how their packets are spaced"),
        ConfigurationKey("rtc.congestion_control.send_side_bwe", .structure, "", "details of them"),
        ConfigurationKey("rtc.congestion_control.send_side_bandwidth_estimation", .flag, "false", "an older name"),
        ConfigurationKey("rtc.congestion_control.probe_mode", .text, "padding", "an older key"),
        ConfigurationKey("rtc.congestion_control.min_channel_capacity", .integer, "0", "an older key"),
        ConfigurationKey("rtc.congestion_control.nack_ratio_attenuator", .number, "0.4", "an older key"),
        ConfigurationKey("rtc.congestion_control.expected_usage_threshold", .number, "0.95", "an older key"),
        ConfigurationKey("rtc.congestion_control.probe_config", .structure, "", "an older key"),
        ConfigurationKey("rtc.congestion_control.channel_observer_probe_config", .structure, "", "an older key"),
        ConfigurationKey("rtc.congestion_control.channel_observer_non_probe_config", .structure, "", "an older key"),
    ]

    static let room: [ConfigurationKey] = [
        ConfigurationKey("room.auto_create", .flag, "true", "joining an unknown room makes it"),
        ConfigurationKey(
            "room.enabled_codecs", .structure, "VP8, Opus, RED", "[{mime, fmtp_line}] that may be published"),
        ConfigurationKey("room.max_participants", .integer, "0", "who may be in a room; 0 for any number"),
        ConfigurationKey("room.empty_timeout", .integer, "300", "seconds until a room closes that nobody joined"),
        ConfigurationKey("room.departure_timeout", .integer, "20", "seconds until it closes after the last one left"),
        ConfigurationKey("room.enable_remote_unmute", .flag, "false", "the API may unmute"),
        ConfigurationKey(
            "room.refuse_duplicate_identity", .flag, "false", "who is there already keeps the place (ours)"),
        ConfigurationKey("room.playout_delay.enabled", .flag, "false", "ask subscribers for a playout delay"),
        ConfigurationKey("room.playout_delay.min", .integer, "100", "the least delay, in ms"),
        ConfigurationKey("room.playout_delay.max", .integer, "2000", "the greatest, in ms"),
        ConfigurationKey("room.sync_streams", .flag, "false", "keep a participant's tracks in step"),
        ConfigurationKey("room.create_room_enabled", .flag, "true", "an older key"),
        ConfigurationKey("room.create_room_timeout", .duration, "10s", "how long creating may take in a cluster"),
        ConfigurationKey("room.create_room_attempts", .integer, "3", "how often it is tried"),
        ConfigurationKey("room.enable_full_room_in_webhooks", .flag, "false", "whole rooms in webhooks"),
        ConfigurationKey("room.update_batch_target_size", .integer, "131072", "bytes of one batch of updates"),
        ConfigurationKey("room.room_configurations", .structure, "", "named configurations that tokens refer to"),
        ConfigurationKey("room.max_metadata_size", .integer, "524288", "the older place of limit.max_metadata_size"),
        ConfigurationKey("room.max_room_name_length", .integer, "256", "the older place of limit.max_room_name_length"),
        ConfigurationKey("room.max_participant_identity_length", .integer, "256", "the older place of limit's"),
        ConfigurationKey("room.participant_disconnect_timeout", .integer, "0", "an older key"),
    ]

    static let mediaDetails: [ConfigurationKey] = [
        ConfigurationKey("audio.active_level", .integer, "35", "-dBov from which somebody is speaking"),
        ConfigurationKey("audio.min_percentile", .integer, "40", "percent of the interval above it"),
        ConfigurationKey("audio.update_interval", .integer, "400", "ms between updates"),
        ConfigurationKey("audio.smooth_intervals", .integer, "2", "intervals smoothed over"),
        ConfigurationKey("audio.active_red_encoding", .flag, "false", "RED for publishers that send none"),
        ConfigurationKey("audio.enable_loss_proxying", .flag, "false", "tell publishers of their subscribers' loss"),
        ConfigurationKey("video.dynacast_pause_delay", .duration, "5s", "until a layer nobody watches is paused"),
        ConfigurationKey("video.stream_tracker_manager", .structure, "", "when a layer counts as stopped"),
        ConfigurationKey("video.stream_tracker", .structure, "", "the older name of stream_tracker_manager"),
        ConfigurationKey(
            "video.codec_regression_threshold", .integer, "5", "failures until an older codec is asked for"),
    ]

    static let turn: [ConfigurationKey] = [
        ConfigurationKey("turn.enabled", .flag, "false", "whether there is a TURN server"),
        ConfigurationKey("turn.domain", .text, "", "the name that TLS clients reach it by"),
        ConfigurationKey("turn.cert_file", .text, "", "its certificate, as a PEM file"),
        ConfigurationKey("turn.key_file", .text, "", "the certificate's key, as a PEM file"),
        ConfigurationKey("turn.tls_port", .port, "0", "the port of TLS; 0 for none"),
        ConfigurationKey("turn.udp_port", .port, "0", "the port of UDP; 0 for none"),
        ConfigurationKey("turn.external_tls", .flag, "false", "somebody else's TLS ends before it"),
        ConfigurationKey("turn.relay_range_start", .port, "30000", "the first port of relays"),
        ConfigurationKey("turn.relay_range_end", .port, "40000", "the last one; 30002 in development"),
        ConfigurationKey("turn.bind_addresses", .texts, "0.0.0.0", "the addresses to listen and relay on"),
        ConfigurationKey("turn.per_user_relay_allocation_limit", .integer, "12", "relays of one participant at once"),
        ConfigurationKey("turn.ttl_seconds", .integer, "300", "how long credentials open relays"),
        ConfigurationKey("turn.allow_restricted_peer_cidrs", .texts, "none", "private peers relayed to all the same"),
        ConfigurationKey("turn.deny_peer_cidrs", .texts, "none", "peers never relayed to"),
        ConfigurationKey("turn.advertised_tls_port", .port, "443", "the TLS port that clients are told (ours)"),
    ]
}
