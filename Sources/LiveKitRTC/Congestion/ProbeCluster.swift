package import LiveKitCore

/// A short run of packets at a rate above the estimate, to see whether it gets through.
package struct ProbeCluster: Hashable, Sendable {
    /// Five packets: fewer give a rate of no accuracy.
    package static let minimumPackets = 5
    private static let time: MediaDuration = .milliseconds(15)

    /// Never zero, which stands for "no probe".
    package let id: UInt16
    package let rate: Bitrate
    package let requestedAt: MediaInstant

    package init(id: UInt16, rate: Bitrate, requestedAt: MediaInstant) {
        self.id = id
        self.rate = rate
        self.requestedAt = requestedAt
    }

    /// How much is to be sent besides ``minimumPackets``.
    package var minimumBytes: Int { rate.byteCount(in: Self.time) }
}
