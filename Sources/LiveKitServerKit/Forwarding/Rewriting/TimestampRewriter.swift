internal import LiveKitCore

/// Keeps a subscriber's RTP timestamps on one line across layer switches.
///
/// Layers of one simulcast track have unrelated timestamp origins. At a switch the new layer is placed by
/// the time that passed since the last packet sent, at least one tick later than it.
struct TimestampRewriter {
    private let clockRate: Int64
    private var offset: UInt32 = 0
    private var last: (timestamp: UInt32, at: MediaInstant)?

    init(clockRate: Int) {
        self.clockRate = Int64(clockRate)
    }

    /// Starts or continues with a source whose current timestamp is `timestamp`.
    mutating func switchSource(to timestamp: UInt32, now: MediaInstant) {
        guard let last else {
            offset = 0
            return
        }
        let elapsed = (now - last.at).microseconds
        let ticks = max(1, elapsed * clockRate / 1_000_000)
        offset = last.timestamp &+ UInt32(truncatingIfNeeded: ticks) &- timestamp
    }

    /// The timestamp of a frame that comes from no source and lasts for so long: a whole number of such frames after
    /// the last one. `nil` where there was none.
    mutating func insert(duration: MediaDuration, now: MediaInstant) -> UInt32? {
        guard let last else { return nil }
        let passed = max(1, ((now - last.at).microseconds + duration.microseconds / 2) / duration.microseconds)
        let ticks = passed * duration.microseconds * clockRate / 1_000_000
        let out = last.timestamp &+ UInt32(truncatingIfNeeded: ticks)
        self.last = (out, now)
        return out
    }

    /// The outgoing timestamp.
    mutating func map(_ timestamp: UInt32, now: MediaInstant) -> UInt32 {
        let out = timestamp &+ offset
        if let previous = last, Int32(bitPattern: out &- previous.timestamp) <= 0 { return out }
        last = (out, now)
        return out
    }
}
