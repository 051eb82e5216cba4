package import LiveKitCore

/// The smoothed variation of packets' travel time, in units of the stream's clock.
///
/// Only the first packet of each timestamp counts: the packets of a video frame share one and leave one after the
/// other, which says nothing about the network.
///
/// - SeeAlso: [RFC 3550 §6.4.1, A.8](https://www.rfc-editor.org/rfc/rfc3550#appendix-A.8).
package struct InterarrivalJitter: Sendable {
    private let clockRate: Int64
    private var lastTransit: UInt32?
    private var lastTimestamp: UInt32 = 0
    /// Sixteen times the jitter, as A.8 keeps it.
    private var scaled: UInt32 = 0

    package init(clockRate: UInt32) {
        self.clockRate = Int64(clockRate)
    }

    /// The jitter in units of the stream's clock.
    package var value: UInt32 { scaled >> 4 }

    package mutating func receive(timestamp: UInt32, now: MediaInstant) {
        let transit = units(now) &- timestamp
        defer { (lastTransit, lastTimestamp) = (transit, timestamp) }
        guard let lastTransit else { return }
        guard timestamp != lastTimestamp else { return }
        let difference = Int32(bitPattern: transit &- lastTransit).magnitude
        // A step this large (30 s at 90 kHz) is a new timeline, not jitter.
        guard difference < 2_700_000 else { return }
        scaled = scaled &+ difference &- (scaled &+ 8) >> 4
    }

    /// The stream restarted: the next packet begins a new timeline.
    package mutating func restart() { lastTransit = nil }

    private func units(_ now: MediaInstant) -> UInt32 {
        let (seconds, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return UInt32(truncatingIfNeeded: seconds &* clockRate &+ rest &* clockRate / 1_000_000_000)
    }
}
