internal import LiveKitCore
internal import LiveKitRTC

extension ForwardingSettings {
    init(_ configuration: LiveKitServerConfiguration) {
        self.init()
        let (rtc, audio) = (configuration.rtc, configuration.audio)
        keyframeIntervals = [rtc.keyframeThrottle.low, rtc.keyframeThrottle.middle, rtc.keyframeThrottle.high]
            .map { MediaDuration($0) }
        videoPackets = Self.powerOfTwo(atLeast: rtc.videoPackets)
        audioPackets = Self.powerOfTwo(atLeast: (rtc.audioPackets + 1) / 2)
        audioLevels.activeLevel = UInt8(clamping: audio.activeLevel)
        audioLevels.minimumPercentile = Int64(audio.minimumPercentile)
        audioLevels.updateInterval = max(MediaDuration(audio.updateInterval), .milliseconds(20))
        audioLevels.smoothIntervals = audio.smoothIntervals
        lossyLatency = Self.latency(rtc.lossyDataLatency)
        dataTrackLatency = Self.latency(rtc.dataTrackLatency)
        if rtc.slowDataThreshold > 0 { slowestReader = Bitrate(bitsPerSecond: Int64(rtc.slowDataThreshold)) }
    }

    private static func powerOfTwo(atLeast count: Int) -> Int {
        var power = 32
        while power < count { power *= 2 }
        return power
    }

    private static func latency(_ duration: Duration) -> MediaDuration? {
        duration > .zero ? MediaDuration(duration) : nil
    }
}
