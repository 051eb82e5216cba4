internal import LiveKitCore
internal import LiveKitRTC

/// What was sent to one subscriber under which number, so that a NACK finds the packet in the publisher's
/// ring and can write the same header and payload descriptor again.
struct SentPacketLog {
    struct Entry {
        var number: Int64 = .min
        var source: Int64 = 0
        var layerSource = 0
        var timestamp: UInt32 = 0
        var descriptor: VP8PayloadDescriptor?
        var resentAt: MediaInstant?
        var resends: UInt8 = 0
    }

    private var entries: [Entry]

    /// - Parameter capacity: a power of two.
    init(capacity: Int) {
        precondition(capacity & (capacity - 1) == 0, "the log indexes by mask")
        entries = Array(repeating: Entry(), count: capacity)
    }

    mutating func note(_ entry: Entry) {
        entries[Int(truncatingIfNeeded: entry.number) & (entries.count - 1)] = entry
    }

    /// What was sent under the number, if that is known yet.
    func entry(_ number: Int64) -> Entry? {
        let entry = entries[Int(truncatingIfNeeded: number) & (entries.count - 1)]
        return entry.number == number ? entry : nil
    }

    /// The packet to send again under `number`, unless that happened lately or often.
    mutating func take(_ number: SequenceNumber, highest: Int64, roundTripTime: MediaDuration?, now: MediaInstant)
        -> Entry?
    {
        let distance = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: highest)).distance(to: number)
        let extended = highest + Int64(distance)
        let index = Int(truncatingIfNeeded: extended) & (entries.count - 1)
        guard distance <= 0, entries[index].number == extended,
            entries[index].resends < RTPLimits.retransmissionsPerPacket
        else { return nil }
        if let last = entries[index].resentAt,
            now - last < RTPLimits.retransmissionInterval(roundTripTime: roundTripTime)
        {
            return nil
        }
        entries[index].resentAt = now
        entries[index].resends += 1
        return entries[index]
    }
}
