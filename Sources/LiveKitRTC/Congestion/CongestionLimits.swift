package import LiveKitCore

/// The bounds of this folder's tables and queues, each with its reason.
package enum CongestionLimits {
    /// Packets sent whose feedback is awaited, a power of two: two seconds and more at 20 Mbit/s. What feedback comes
    /// for an older one is ignored.
    package static let sentPackets = 4096
    /// A packet that was sent longer ago tells nothing about the path as it is.
    package static let feedbackAge: MediaDuration = .seconds(60)
    /// Packets of one stream class that wait in a pacer, a power of two: a second at 10 Mbit/s. A full queue refuses
    /// the newest.
    package static let pacedVideoPackets = 1024
    /// A full request of the largest NACK list for each of three layers fits.
    package static let pacedRetransmissions = 512
    /// Audio leaves at once; only a burst between two turns of the loop waits.
    package static let pacedAudioPackets = 64
    /// Packets of all classes that wait in a pacer, and whose bytes a connection keeps.
    package static let pacedPackets = pacedAudioPackets + pacedRetransmissions + pacedVideoPackets
    /// Probe clusters that wait or whose results are awaited: three are made at once at most.
    package static let probeClusters = 8
    /// Arrival times that the acknowledged bitrate is computed from, a power of two. One entry is at least a
    /// millisecond, so the ring always spans the estimator's window of half a second.
    package static let acknowledgedTimes = 1024
    /// Report blocks in an interval that are added up.
    package static let reportedStreams = 64
}
