package import LiveKitCore

/// What a packet was sent for; the estimator and the pacer tell them apart.
package enum PacketClass: UInt8, Hashable, Sendable {
    case audio
    case retransmission
    case video
    case padding
}

/// What became of one packet, as its receiver's feedback tells.
package struct PacketResult: Hashable, Sendable {
    package var sentAt: MediaInstant
    /// On the receiver's clock, whose start is arbitrary; `nil` for a packet that did not arrive.
    package var receivedAt: MediaInstant?
    package var byteCount: Int
    /// The probe that the packet belongs to, or zero.
    package var probeCluster: UInt16
    /// Whether an earlier feedback called the packet lost.
    package var wasReportedLost: Bool
}

/// Remembers which packets left under which transport-wide sequence number, and joins feedback to them.
///
/// A flat ring indexed by the number: nothing allocates after the first packet. Each packet's arrival is given out once, its
/// loss once before that; feedback that repeats itself, lies or comes too late finds nothing.
///
/// - SeeAlso: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
package struct SentPacketHistory: Sendable {
    private enum State: UInt8, Sendable { case empty, sent, reportedLost }

    private struct Entry: Sendable {
        var number = Int64.min
        var sentAt = MediaInstant.start
        var byteCount: UInt32 = 0
        var probeCluster: UInt16 = 0
        var state = State.empty
    }

    /// Bits of the reference time, and its unit in ticks of 250 µs.
    private static let referenceBits = 24
    private static let ticksInReference: Int64 = 256
    private static let nanosecondsInTick: Int64 = 250_000

    /// Made with the first packet: whoever sends sound alone never numbers one.
    private var entries: [Entry] = []
    private let mask: Int
    private var extender = SequenceExtender()
    /// The receiver's reference time without wraps.
    private var reference: Int64?

    /// - Parameter capacity: rounded up to a power of two.
    package init(capacity: Int = CongestionLimits.sentPackets) {
        let size = RetransmissionBuffer.slotCount(for: capacity)
        mask = size - 1
    }

    package mutating func record(
        _ number: SequenceNumber, byteCount: Int, probeCluster: UInt16 = 0, now: MediaInstant
    ) {
        let extended = extender.extend(number)
        if entries.isEmpty { entries = Array(repeating: Entry(), count: mask + 1) }
        entries[index(of: extended)] = Entry(
            number: extended, sentAt: now, byteCount: UInt32(clamping: byteCount), probeCluster: probeCluster,
            state: .sent)
    }

    /// Appends what the feedback says of packets of ours, in the order they were sent.
    package mutating func join(_ feedback: TransportFeedback, now: MediaInstant, into results: inout [PacketResult]) {
        guard let highest = extender.highest else { return }
        let base = extender.extended(feedback.base)
        let end = min(base + Int64(feedback.statusCount), highest + 1)
        var number = max(base, highest - Int64(mask))
        var ticks = advancedReference(feedback.referenceTime) * Self.ticksInReference
        for arrival in feedback.arrivals {
            ticks += Int64(arrival.delta)
            let arrived = base + Int64(arrival.offset)
            while number < min(arrived, end) {
                noteLoss(number, now: now, into: &results)
                number += 1
            }
            guard arrived == number, number < end else { continue }
            noteArrival(number, ticks: ticks, now: now, into: &results)
            number += 1
        }
        while number < end {
            noteLoss(number, now: now, into: &results)
            number += 1
        }
    }

    private mutating func noteArrival(
        _ number: Int64, ticks: Int64, now: MediaInstant, into results: inout [PacketResult]
    ) {
        let index = index(of: number)
        guard let result = result(at: index, number: number, now: now) else { return }
        entries[index].state = .empty
        var arrived = result
        arrived.receivedAt = MediaInstant(nanoseconds: ticks * Self.nanosecondsInTick)
        results.append(arrived)
    }

    private mutating func noteLoss(_ number: Int64, now: MediaInstant, into results: inout [PacketResult]) {
        let index = index(of: number)
        guard entries[index].state == .sent, let result = result(at: index, number: number, now: now) else { return }
        entries[index].state = .reportedLost
        results.append(result)
    }

    private func result(at index: Int, number: Int64, now: MediaInstant) -> PacketResult? {
        let entry = entries[index]
        guard entry.number == number, entry.state != .empty, now - entry.sentAt <= CongestionLimits.feedbackAge
        else { return nil }
        return PacketResult(
            sentAt: entry.sentAt, receivedAt: nil, byteCount: Int(entry.byteCount), probeCluster: entry.probeCluster,
            wasReportedLost: entry.state == .reportedLost)
    }

    /// The reference time wraps each twelve days; the nearer way around the circle is taken.
    private mutating func advancedReference(_ value: Int32) -> Int64 {
        guard let last = reference else {
            reference = Int64(value)
            return Int64(value)
        }
        let shift = Int64(64 - Self.referenceBits)
        let step = ((Int64(value) &- last) << shift) >> shift
        reference = last &+ step
        return last &+ step
    }

    private func index(of number: Int64) -> Int { Int(truncatingIfNeeded: number) & mask }
}
