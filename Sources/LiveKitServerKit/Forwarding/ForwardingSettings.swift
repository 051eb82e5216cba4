package import LiveKitCore
package import LiveKitRTC

/// What an operator sets of how media and data are forwarded.
package struct ForwardingSettings: Sendable {
    /// The least time between two requests for a key frame, by layer from the low one up (`rtc.pli_throttle`).
    package var keyframeIntervals: [MediaDuration] = [.milliseconds(500), .seconds(1), .seconds(1)]
    /// Packets of a video layer that are kept, a power of two: what is asked for again must be among them.
    package var videoPackets = 512
    /// The same of sound, of which nothing is sent again: what comes in one turn must fit.
    package var audioPackets = 128
    /// When somebody counts as speaking (`audio`).
    package var audioLevels = AudioLevelDetector.Configuration()
    /// How long lossy data may wait (`rtc.datachannel_lossy_target_latency`); `nil` for a bound in bytes instead.
    package var lossyLatency: MediaDuration?
    /// The same for packets of data tracks (`rtc.datachannel_data_track_target_latency`).
    package var dataTrackLatency: MediaDuration? = .milliseconds(100)
    /// Whoever takes less reliable data is not waited for (`rtc.datachannel_slow_threshold`).
    package var slowestReader: Bitrate?

    /// LiveKit's defaults.
    package init() {}
}
