package import LiveKitCore

/// Which packets one receiver was sent lately, and how often again: decides whether a request for one is served.
///
/// It holds no packets. `source` and `context` are whatever its owner needs to find the packet's bytes and to rewrite
/// them as before: for a forwarder, the publisher's sequence number and the codec's rewriting state.
package struct RetransmissionHistory: Sendable {
    package enum Answer: Hashable, Sendable {
        case send(source: SequenceNumber, context: UInt64)
        /// Sent so lately that the request left before it can have arrived.
        case tooSoon
        case tooOften
        case unknown
    }

    private struct Slot: Sendable {
        var sequenceNumber = SequenceNumber(rawValue: 0)
        var source = SequenceNumber(rawValue: 0)
        var context: UInt64 = 0
        var sentAt = MediaInstant.start
        var retransmissions: UInt8 = .max
    }

    /// Marks a slot that holds nothing.
    private static let empty = UInt8.max

    private var slots: [Slot]
    private let mask: Int
    private var newest: SequenceNumber?

    /// `capacity` is rounded up to a power of two, so that slots follow one another across the numbers' wrap.
    package init(capacity: Int) {
        let size = RetransmissionBuffer.slotCount(for: capacity)
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    package mutating func record(
        _ sequenceNumber: SequenceNumber, source: SequenceNumber, context: UInt64 = 0, now: MediaInstant
    ) {
        slots[Int(sequenceNumber.rawValue) & mask] = Slot(
            sequenceNumber: sequenceNumber, source: source, context: context, sentAt: now, retransmissions: 0)
        if newest.map({ sequenceNumber.isNewer(than: $0) }) ?? true { newest = sequenceNumber }
    }

    /// Answers a request for a packet; `.send` counts as sent.
    package mutating func request(
        _ sequenceNumber: SequenceNumber, roundTripTime: MediaDuration?, now: MediaInstant
    ) -> Answer {
        let index = Int(sequenceNumber.rawValue) & mask
        let slot = slots[index]
        guard slot.retransmissions != Self.empty, slot.sequenceNumber == sequenceNumber, let newest,
            (0...mask).contains(sequenceNumber.distance(to: newest))
        else { return .unknown }
        guard slot.retransmissions < RTPLimits.retransmissionsPerPacket else { return .tooOften }
        let interval = RTPLimits.retransmissionInterval(roundTripTime: roundTripTime)
        guard slot.retransmissions == 0 || now - slot.sentAt >= interval else { return .tooSoon }
        slots[index].retransmissions += 1
        slots[index].sentAt = now
        return .send(source: slot.source, context: slot.context)
    }
}
