internal import LiveKitCore

extension LiveKitServerConfiguration {
    /// When somebody counts as speaking.
    public struct Audio: Sendable {
        /// The quietest sound that counts, in decibels below overload (`audio.active_level`).
        public var activeLevel = 35
        /// Percent of the interval that must be as loud (`audio.min_percentile`).
        public var minimumPercentile = 40
        /// How often speakers are told, 20 ms at least (`audio.update_interval`).
        public var updateInterval = Duration.milliseconds(400)
        /// Over how many intervals loudness is smoothed (`audio.smooth_intervals`).
        public var smoothIntervals = 2

        /// LiveKit's defaults.
        public init() {}

        mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
            activeLevel = try reader.integer("active_level", in: 0...127) ?? activeLevel
            minimumPercentile = try reader.integer("min_percentile", in: 0...100) ?? minimumPercentile
            if let milliseconds = try reader.integer("update_interval", in: 1...60_000) {
                updateInterval = .milliseconds(milliseconds)
            }
            smoothIntervals = try reader.integer("smooth_intervals", in: 0...1000) ?? smoothIntervals
        }
    }
}

extension LiveKitServerConfiguration.RTC {
    /// The least time between two requests for a key frame, by layer.
    public struct KeyframeThrottle: Sendable {
        /// Of the low layer, or the only one.
        public var low = Duration.milliseconds(500)
        /// Of the middle layer.
        public var middle = Duration.seconds(1)
        /// Of the high layer.
        public var high = Duration.seconds(1)

        /// LiveKit's defaults.
        public init() {}
    }

    mutating func readForwarding(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        try reader.section("pli_throttle") { reader throws(ConfigurationError) in
            keyframeThrottle.low = try reader.duration("low_quality") ?? keyframeThrottle.low
            keyframeThrottle.middle = try reader.duration("mid_quality") ?? keyframeThrottle.middle
            keyframeThrottle.high = try reader.duration("high_quality") ?? keyframeThrottle.high
        }
        let packets = 1...4096
        videoPackets = try reader.integer("packet_buffer_size", in: packets) ?? videoPackets
        videoPackets = try reader.integer("packet_buffer_size_video", in: packets) ?? videoPackets
        audioPackets = try reader.integer("packet_buffer_size_audio", in: packets) ?? audioPackets
        reconnectsOnPublicationError =
            try reader.flag("reconnect_on_publication_error") ?? reconnectsOnPublicationError
        reconnectsOnSubscriptionError =
            try reader.flag("reconnect_on_subscription_error") ?? reconnectsOnSubscriptionError
        reconnectsOnDataChannelError =
            try reader.flag("reconnect_on_data_channel_error") ?? reconnectsOnDataChannelError
        slowDataThreshold = try reader.integer("datachannel_slow_threshold") ?? slowDataThreshold
        lossyDataLatency = try reader.duration("datachannel_lossy_target_latency") ?? lossyDataLatency
        dataTrackLatency = try reader.duration("datachannel_data_track_target_latency") ?? dataTrackLatency
    }
}
