internal import LiveKitCore

/// How many bytes may be in flight for the network's sake.
///
/// - SeeAlso: [RFC 9260 §7.2](https://www.rfc-editor.org/rfc/rfc9260#section-7.2).
struct CongestionWindow {
    let packetSize: Int
    private(set) var size: Int
    private var threshold = Int.max
    private var partialBytesAcknowledged = 0
    /// Fast recovery lasts until everything that was outstanding when it began is acknowledged.
    private var recoversUntil: TSN?

    /// Ten packets, as RFC 6928 allows TCP and dcsctp does.
    private static let initialPackets = 10
    private static let minimumPackets = 4

    init(packetSize: Int) {
        self.packetSize = packetSize
        size = Self.initialPackets * packetSize
    }

    var isRecovering: Bool { recoversUntil != nil }

    /// The window opens only if it `wasFull`, that is, if it was what held the sender back.
    mutating func acknowledged(bytes: Int, wasFull: Bool, cumulative: TSN) {
        if let exit = recoversUntil, exit.distance(to: cumulative) >= 0 { recoversUntil = nil }
        guard recoversUntil == nil, wasFull else { return }
        if size <= threshold {
            size = min(size + min(bytes, packetSize), SCTPLimits.congestionWindow)
            return
        }
        partialBytesAcknowledged += bytes
        guard partialBytesAcknowledged >= size else { return }
        partialBytesAcknowledged -= size
        size = min(size + packetSize, SCTPLimits.congestionWindow)
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

    mutating func timerExpired() {
        threshold = max(size / 2, Self.minimumPackets * packetSize)
        size = packetSize
        partialBytesAcknowledged = 0
        recoversUntil = nil
    }
}
