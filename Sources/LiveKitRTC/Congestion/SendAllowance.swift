/// What a connection may send, as far as its congestion control knows.
package struct SendAllowance: Hashable, Sendable {
    /// What the path is believed to carry.
    package var estimate: BandwidthEstimate
    /// What retransmissions and repair packets took lately.
    package var repair: Bitrate
    /// Whether what was made faster than it may leave has piled up: whoever makes more should pause.
    package var isBacklogged: Bool

    /// What repairs may take of the estimate.
    package static let repairShare = 0.5

    /// What is left for new packets, headers included.
    package var media: Bitrate { max(estimate.target - repair, estimate.target * (1 - Self.repairShare)) }
}
