package import LiveKitCore

/// Puts earlier payloads beside each new one, so that a lost packet comes again in the next.
///
/// A client uses it on what it encodes; a server on a publisher's plain packets, once for all subscribers that
/// negotiated RED. Only payloads of the numbers right before go in: the format has no numbers, so that a receiver must
/// be able to count back.
///
/// - SeeAlso: [RFC 2198 §3, §4](https://www.rfc-editor.org/rfc/rfc2198#section-3).
package struct REDSender: Sendable {
    private struct Earlier: Sendable {
        var number: Int64 = .min
        var timestamp: UInt32 = 0
        var payloadType: UInt8 = 0
        var payload: [UInt8] = []
    }

    /// How many earlier payloads go along at most.
    package let distance: Int
    private let maximumSize: Int
    private var extender = SequenceExtender()
    /// The latest payloads, by number modulo their count: twice as many as go along, for those that come late.
    private var earlier: [Earlier]

    /// `maximumSize` bounds the whole payload; earlier payloads that do not fit stay out, the oldest first.
    package init(distance: Int = 1, maximumSize: Int = RTPLimits.redPayloadSize) {
        self.distance = min(max(distance, 0), RTPLimits.redDistance)
        self.maximumSize = maximumSize
        earlier = Array(repeating: Earlier(), count: 2 * max(self.distance, 1))
    }

    /// Writes the payload of the packet `sequenceNumber` into `target`, and remembers `primary` for those after it.
    ///
    /// - Returns: The size, or `nil` where not even the primary payload fits: send that plain.
    package mutating func encode(
        _ primary: RawSpan, payloadType: UInt8, sequenceNumber: SequenceNumber, timestamp: UInt32,
        into target: inout MutableRawSpan
    ) -> Int? {
        if let highest = extender.highest,
            abs(extender.extended(sequenceNumber) - highest) > Int64(RTPLimits.sequenceJump)
        {
            forget()
        }
        let number = extender.extend(sequenceNumber)
        defer { remember(primary, payloadType: payloadType, number: number, timestamp: timestamp) }
        let room = min(target.byteCount, maximumSize)
        guard 1 + primary.byteCount <= room else { return nil }
        let count = redundantCount(before: number, timestamp: timestamp, room: room - 1 - primary.byteCount)
        var offset = 0
        for back in stride(from: count, to: 0, by: -1) {
            let block = earlier[slot(number - Int64(back))]
            let header =
                UInt32(0x80 | block.payloadType & 0x7F) << 24 | (timestamp &- block.timestamp) << 10
                | UInt32(truncatingIfNeeded: block.payload.count)
            target.store(networkInteger: header, at: offset)
            offset += 4
        }
        target.store(networkInteger: payloadType & 0x7F, at: offset)
        offset += 1
        for back in stride(from: count, to: 0, by: -1) {
            let payload = earlier[slot(number - Int64(back))].payload
            target.store(payload.rawSpan, at: offset)
            offset += payload.count
        }
        target.store(primary, at: offset)
        return offset + primary.byteCount
    }

    /// How many of the payloads right before can go along: each within 10 bits of length and 14 of timestamp.
    private func redundantCount(before number: Int64, timestamp: UInt32, room: Int) -> Int {
        var room = room
        for back in 1..<(distance + 1) {
            let block = earlier[slot(number - Int64(back))]
            let age = timestamp &- block.timestamp
            room -= 4 + block.payload.count
            guard block.number == number - Int64(back), !block.payload.isEmpty, block.payload.count <= 0x3FF,
                age > 0, age <= 0x3FFF, room >= 0
            else { return back - 1 }
        }
        return distance
    }

    private mutating func remember(_ payload: RawSpan, payloadType: UInt8, number: Int64, timestamp: UInt32) {
        let index = slot(number)
        // A late packet does not push out a newer one.
        guard distance > 0, earlier[index].number < number else { return }
        earlier[index].number = number
        earlier[index].timestamp = timestamp
        earlier[index].payloadType = payloadType
        earlier[index].payload.removeAll(keepingCapacity: true)
        unsafe payload.withUnsafeBytes { unsafe earlier[index].payload.append(contentsOf: $0) }
    }

    private func slot(_ number: Int64) -> Int { Int(truncatingIfNeeded: number & Int64.max) % earlier.count }

    private mutating func forget() {
        extender.reset()
        for index in earlier.indices { earlier[index].number = .min }
    }
}
