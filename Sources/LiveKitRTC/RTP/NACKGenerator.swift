package import LiveKitCore

/// Notices which packets of one stream are missing, and says when to ask for them again.
///
/// Tell it of every packet that arrives, retransmissions under their original number included. It asks for each
/// missing packet at most ten times: first after the wait for reordering, then a round trip apart, longer each time.
/// It owns no report: what it gives up is for the jitter buffer to notice.
///
/// - SeeAlso: [RFC 4585 §6.2.1](https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1).
package struct NACKGenerator: Sendable {
    /// How long to wait, and how often to ask.
    package struct Configuration: Sendable {
        /// As libwebrtc's: with bursts that lose a tenth both ways five tries leave one packet in two thousand out.
        package var maximumTries = 10
        package var minimumWait: MediaDuration = .milliseconds(20)
        package var maximumWait: MediaDuration = .milliseconds(400)
        /// Each wait is a quarter longer than the one before.
        package var backOffQuarters: Int64 = 5
        package var initialRoundTripTime: MediaDuration = .milliseconds(70)

        package init() {}
    }

    private struct Missing: Sendable {
        var number: Int64
        var dueAt: MediaInstant
        var wait: MediaDuration
        var tries: Int
    }

    private let configuration: Configuration
    private var roundTripTime: MediaDuration
    private var extender = SequenceExtender()
    /// Ascending by number, at most `RTPLimits.missingPackets`.
    private var missing: [Missing] = []
    /// Packets that were asked for in vain, or for which there was no room.
    package private(set) var abandonedCount: UInt64 = 0
    /// Packets that came after they were noticed missing.
    package private(set) var recoveredCount: UInt64 = 0

    /// When ``poll(now:sender:media:)`` next has something to ask for.
    package private(set) var deadline: MediaInstant?

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        roundTripTime = configuration.initialRoundTripTime
        missing.reserveCapacity(RTPLimits.missingPackets + 1)
    }

    /// How many packets are missing now.
    package var missingCount: Int { missing.count }

    package mutating func setRoundTripTime(_ time: MediaDuration) {
        roundTripTime = max(time, .zero)
    }

    /// Notes a packet that arrived by whatever way.
    package mutating func receive(_ sequenceNumber: SequenceNumber, now: MediaInstant) {
        guard let highest = extender.highest else {
            _ = extender.extend(sequenceNumber)
            return
        }
        let number = extender.extended(sequenceNumber)
        if abs(number - highest) > Int64(RTPLimits.sequenceJump) {
            restart(at: sequenceNumber)
        } else if number > highest {
            noteGap(from: highest + 1, to: number, now: now)
            _ = extender.extend(sequenceNumber)
        } else {
            remove(number)
        }
    }

    /// What to ask for now, or `nil`. Allocates only when there is something.
    package mutating func poll(now: MediaInstant, sender: SSRC, media: SSRC) -> GenericNACK? {
        guard let deadline, deadline <= now else { return nil }
        var due: [SequenceNumber] = []
        for index in missing.indices where missing[index].dueAt <= now {
            missing[index].tries += 1
            guard missing[index].tries <= configuration.maximumTries else { continue }
            due.append(SequenceNumber(rawValue: UInt16(truncatingIfNeeded: missing[index].number)))
            let longer = missing[index].wait * configuration.backOffQuarters / 4
            let wait = missing[index].tries == 1 ? roundTripTime : longer
            missing[index].wait = min(max(wait, configuration.minimumWait), configuration.maximumWait)
            missing[index].dueAt = now + missing[index].wait
        }
        let before = missing.count
        missing.removeAll { $0.tries > configuration.maximumTries }
        abandonedCount += UInt64(before - missing.count)
        updateDeadline()
        return due.isEmpty ? nil : GenericNACK(sender: sender, media: media, missing: due)
    }

    private mutating func noteGap(from first: Int64, to end: Int64, now: MediaInstant) {
        guard first < end else { return }
        let start = max(first, end - Int64(RTPLimits.missingPackets))
        abandonedCount += UInt64(start - first)
        let excess = missing.count + Int(end - start) - RTPLimits.missingPackets
        if excess > 0 {
            missing.removeFirst(excess)
            abandonedCount += UInt64(excess)
        }
        let dueAt = now + configuration.minimumWait
        for number in start..<end {
            missing.append(Missing(number: number, dueAt: dueAt, wait: configuration.minimumWait, tries: 0))
        }
        deadline = MediaInstant.earliest(deadline, dueAt)
    }

    private mutating func remove(_ number: Int64) {
        guard !missing.isEmpty, let index = missing.firstIndex(where: { $0.number >= number }),
            missing[index].number == number
        else { return }
        missing.remove(at: index)
        recoveredCount += 1
        if missing.isEmpty { deadline = nil }
    }

    private mutating func restart(at sequenceNumber: SequenceNumber) {
        abandonedCount += UInt64(missing.count)
        missing.removeAll(keepingCapacity: true)
        deadline = nil
        extender.reset()
        _ = extender.extend(sequenceNumber)
    }

    private mutating func updateDeadline() {
        var earliest: MediaInstant?
        for entry in missing { earliest = MediaInstant.earliest(earliest, entry.dueAt) }
        deadline = earliest
    }
}
