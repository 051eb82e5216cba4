internal import LiveKitCore
internal import LiveKitRTC

extension LiveKitServerConfiguration.CongestionControl {
    /// As the media plane wants it; `nil` where nothing is allocated.
    var allocation: StreamAllocator.Configuration? {
        guard isEnabled else { return nil }
        var allocation = StreamAllocator.Configuration()
        allocation.allowsPause = allowsPause
        allocation.probeOverage = Double(probeOveragePercent) / 100
        allocation.leastProbe = Bitrate(bitsPerSecond: Int64(minimumProbeBitrate))
        allocation.leastCapacity = Bitrate(bitsPerSecond: Int64(minimumChannelCapacity))
        allocation.leastPause = MediaDuration(pausedMinimumWait)
        return allocation
    }
}
