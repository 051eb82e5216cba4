internal import LiveKitCore

/// How many bytes may be in flight for the network's sake.
///
/// - SeeAlso: [RFC 9260 §7.2](https://www.rfc-editor.org/rfc/rfc9260#section-7.2).
struct CongestionWindow {
    /// What a SACK says that matters here.
    struct Acknowledgement {
        var bytes: Int
        var advancesCumulative: Bool
        var cumulative: TSN
        /// What was in flight before.
        var bytesInFlight: Int
        /// Whether nothing is outstanding any longer.
        var isEverything: Bool
    }

    let packetSize: Int
    private(set) var size: Int
    private var threshold = Int.max
    private var partialBytesAcknowledged = 0
    /// Fast recovery lasts until everything that was outstanding when it began is acknowledged.
    private var recoversUntil: TSN?

    /// Ten packets, as RFC 6928 allows TCP and dcsctp does.
    static let initialPackets = 10
    private static let minimumPackets = 4

    init(packetSize: Int) {
        self.packetSize = packetSize
        size = Self.initialPackets * packetSize
    }

    var isRecovering: Bool { recoversUntil != nil }
    /// So small that waiting for a delayed SACK would leave it unused.
    var isSmall: Bool { size < Self.initialPackets * packetSize }

    /// The window opens only if it was full, that is, if it was what held the sender back.
    mutating func receive(_ ack: Acknowledgement) {
        defer { if ack.isEverything { partialBytesAcknowledged = 0 } }
        if let exit = recoversUntil, exit.distance(to: ack.cumulative) >= 0 { recoversUntil = nil }
        guard recoversUntil == nil else { return }
        let wasFull = ack.bytesInFlight + packetSize > size
        if size <= threshold {
            guard wasFull, ack.advancesCumulative else { return }
            grow(by: min(ack.bytes, packetSize))
            return
        }
        partialBytesAcknowledged += ack.bytes
        guard partialBytesAcknowledged >= size else { return }
        guard wasFull else {
            partialBytesAcknowledged = size
            return
        }
        partialBytesAcknowledged -= size
        grow(by: packetSize)
    }

    private mutating func grow(by bytes: Int) {
        size = min(size + bytes, SCTPLimits.congestionWindow)
    }

    /// Chunks were reported missing; once for each recovery, the window halves.
    ///
    /// - Returns: whether recovery begins with this.
    mutating func lossDetected(newestOutstanding: TSN) -> Bool {
        guard recoversUntil == nil else { return false }
        threshold = max(size / 2, Self.minimumPackets * packetSize)
        size = threshold
        partialBytesAcknowledged = 0
        recoversUntil = newestOutstanding
        return true
    }

    /// The threshold remembers what was in use before the first timeout in a row, as RFC 5681 §3.1 has it for
    /// TCP: an outage says nothing about the path after it.
    mutating func timerExpired(isFirst: Bool) {
        if isFirst { threshold = max(size / 2, Self.minimumPackets * packetSize) }
        size = packetSize
        partialBytesAcknowledged = 0
        recoversUntil = nil
    }

    /// Nothing was sent for a while, and nobody knows what the path bears by now: the window halves for each
    /// timeout that passed (RFC 9260 §7.2.1). The threshold keeps most of it, so that it opens fast again.
    mutating func resumed(afterIdle idle: MediaDuration, timeout: MediaDuration) {
        let floor = Self.initialPackets * packetSize
        guard timeout > .zero, idle >= timeout, size > floor else { return }
        threshold = max(threshold, size / 4 * 3)
        let halvings = min(idle.nanoseconds / timeout.nanoseconds, 32)
        size = max(size >> halvings, floor)
        partialBytesAcknowledged = 0
    }
}
