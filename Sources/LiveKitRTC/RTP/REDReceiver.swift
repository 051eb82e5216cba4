package import LiveKitCore

/// Takes a stream of redundant payloads apart into plain packets, lost ones among them.
///
/// Each packet is told once: the first time that its payload comes, whether as its own packet or within a later one.
/// Packets of the primary codec may stand between; tell of them too.
///
/// - SeeAlso: [RFC 2198](https://www.rfc-editor.org/rfc/rfc2198).
package struct REDReceiver: Sendable {
    /// A packet that the payload carries, as offsets into the payload.
    package struct Plain: Hashable, Sendable {
        package var sequenceNumber: SequenceNumber
        package var timestamp: UInt32
        package var offset: Int
        package var size: Int
        /// Whether it stands in for a packet that did not come.
        package var isRecovered: Bool
    }

    private struct Known: Sendable {
        var number: Int64 = .min
        var timestamp: UInt32 = 0
    }

    private var extender = SequenceExtender()
    /// The latest packets, by number modulo their count.
    private var known = [Known](repeating: Known(), count: RTPLimits.redHistory)
    /// What the last payload gave, oldest first; kept for its memory.
    private var packets: [Plain] = []
    package private(set) var recoveredCount: UInt64 = 0
    /// Packets that came after their payload had come, or too late to tell.
    package private(set) var duplicateCount: UInt64 = 0

    package init() {}

    /// Takes the payload of a packet, and returns the packets in it that are new, oldest first. Earlier payloads of
    /// another codec than `primaryType` are passed over.
    package mutating func receive(
        _ payload: RawSpan, info: RTPPacketInfo, primaryType: UInt8
    ) throws(WireError) -> [Plain] {
        let layout = try REDLayout(parsing: payload)
        guard layout.primaryType == primaryType else { throw .invalid(.type) }
        packets.removeAll(keepingCapacity: true)
        let isFirst = restartIfFar(info.sequenceNumber)
        let number = extender.extended(info.sequenceNumber)
        if !isFirst {
            var back = Int64(layout.blockCount)
            layout.forEachBlock(in: payload) { block in
                recover(block, number: number - back, primaryType: primaryType, info: info)
                back -= 1
            }
        }
        if note(number, timestamp: info.timestamp) {
            packets.append(
                Plain(
                    sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, offset: layout.primaryOffset,
                    size: layout.primarySize, isRecovered: false))
        } else {
            duplicateCount &+= 1
        }
        _ = extender.extend(info.sequenceNumber)
        return packets
    }

    /// Notes a packet that came plain. Returns whether it is new.
    package mutating func receivePlain(_ info: RTPPacketInfo) -> Bool {
        _ = restartIfFar(info.sequenceNumber)
        let number = extender.extended(info.sequenceNumber)
        guard note(number, timestamp: info.timestamp) else {
            duplicateCount &+= 1
            return false
        }
        _ = extender.extend(info.sequenceNumber)
        return true
    }

    private mutating func recover(_ block: REDLayout.Block, number: Int64, primaryType: UInt8, info: RTPPacketInfo) {
        let timestamp = info.timestamp &- UInt32(block.timestampOffset)
        guard block.payloadType == primaryType, block.size > 0, block.timestampOffset > 0,
            fits(number, timestamp: timestamp), note(number, timestamp: timestamp)
        else { return }
        recoveredCount &+= 1
        packets.append(
            Plain(
                sequenceNumber: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: number)), timestamp: timestamp,
                offset: block.offset, size: block.size, isRecovered: true))
    }

    /// Senders that leave out a payload they do not have make the count back wrong. The timestamp tells: it must lie
    /// between those of the packets around.
    private func fits(_ number: Int64, timestamp: UInt32) -> Bool {
        for other in known where other.number != .min && abs(other.number - number) < Int64(known.count) {
            let ahead = Int32(bitPattern: other.timestamp &- timestamp)
            if other.number > number ? ahead <= 0 : other.number < number && ahead >= 0 { return false }
        }
        return true
    }

    /// Whether the number is new. Those too old to be remembered are not.
    private mutating func note(_ number: Int64, timestamp: UInt32) -> Bool {
        let index = Int(truncatingIfNeeded: number & Int64.max) % known.count
        guard known[index].number < number else { return false }
        if let highest = extender.highest, highest - number >= Int64(known.count) { return false }
        known[index] = Known(number: number, timestamp: timestamp)
        return true
    }

    /// A stream that numbers anew begins anew. Returns whether this packet is its first.
    private mutating func restartIfFar(_ sequenceNumber: SequenceNumber) -> Bool {
        guard let highest = extender.highest else { return true }
        guard abs(extender.extended(sequenceNumber) - highest) > Int64(RTPLimits.sequenceJump) else { return false }
        extender.reset()
        for index in known.indices { known[index].number = .min }
        return true
    }
}
