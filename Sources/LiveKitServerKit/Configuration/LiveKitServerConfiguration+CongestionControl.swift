extension LiveKitServerConfiguration {
    /// What is done where the path to a subscriber carries less than it wants to see.
    ///
    /// Paths are estimated from transport-wide feedback, or from receivers' own estimates (REMB) where they give none.
    public struct CongestionControl: Sendable {
        /// Whether paths are estimated, and layers chosen by it.
        public var isEnabled = true
        /// Whether a track may be paused where not even its lowest layer fits. Clients can refuse that for themselves
        /// (`subscriber_allow_pause`), and are told of it (`stream_state_update`).
        public var allowsPause = false
        /// Every path is believed to carry so many bits each second.
        public var minimumChannelCapacity = 0
        /// Before a higher layer is sent, a probe shows that the path carries this percentage of what it takes more.
        public var probeOveragePercent = 120
        /// A probe aims at so many bits each second above what is sent, at least.
        public var minimumProbeBitrate = 200_000
        /// A paused track stays so for this long, at least.
        public var pausedMinimumWait = Duration.seconds(5)

        /// LiveKit's defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration.CongestionControl {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        isEnabled = try reader.flag("enabled") ?? isEnabled
        allowsPause = try reader.flag("allow_pause") ?? allowsPause
        try reader.section("stream_allocator") { reader throws(ConfigurationError) in
            minimumChannelCapacity = try reader.integer("min_channel_capacity") ?? minimumChannelCapacity
            probeOveragePercent = try reader.integer("probe_overage_pct", in: 1...1000) ?? probeOveragePercent
            minimumProbeBitrate = try reader.integer("probe_min_bps") ?? minimumProbeBitrate
            pausedMinimumWait = try reader.duration("paused_min_wait") ?? pausedMinimumWait
        }
    }
}
