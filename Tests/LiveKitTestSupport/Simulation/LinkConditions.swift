package import LiveKitCore

/// What one direction of a link does to datagrams. Sizes are those of IP packets, headers included.
package struct LinkConditions: Hashable, Sendable {
    /// How much a rate-limited link holds before it drops what comes last.
    package enum QueueLimit: Hashable, Sendable {
        case bytes(Int)
        /// As many bytes as the rate carries in this time.
        case time(MediaDuration)
    }

    /// The least time that a datagram takes.
    package var delay: MediaDuration
    /// Up to this much is added for each datagram. Alone it keeps the order, as a queue on the way would.
    package var jitter: MediaDuration
    package var loss: LossModel
    /// Probability that a datagram arrives twice.
    package var duplication: Double
    /// Probability that a datagram is held back by ``reorderDelay``, so that later ones overtake it.
    package var reorder: Double
    package var reorderDelay: MediaDuration
    /// Bits each second; `nil` is no limit.
    package var rate: Int?
    package var queue: QueueLimit
    /// Larger IP packets are dropped, and the fragments counted that they would have become.
    package var mtu: Int?

    package init(
        delay: MediaDuration = .zero, jitter: MediaDuration = .zero, loss: LossModel = .none, duplication: Double = 0,
        reorder: Double = 0, reorderDelay: MediaDuration = .milliseconds(5), rate: Int? = nil,
        queue: QueueLimit = .time(.milliseconds(300)), mtu: Int? = nil
    ) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.duplication = duplication
        self.reorder = reorder
        self.reorderDelay = reorderDelay
        self.rate = rate
        self.queue = queue
        self.mtu = mtu
    }

    /// Neither delay nor loss nor limit.
    package static let ideal = LinkConditions()

    /// Bytes that the queue takes.
    var queueBytes: Int {
        switch queue {
        case .bytes(let bytes): bytes
        case .time(let time): Int(Double(rate ?? 0) / 8 * time.seconds)
        }
    }

    /// How long a packet of `size` bytes occupies the link.
    func serialization(of size: Int) -> MediaDuration {
        guard let rate, rate > 0 else { return .zero }
        return MediaDuration(nanoseconds: Int64(Double(size) * 8e9 / Double(rate)))
    }
}
