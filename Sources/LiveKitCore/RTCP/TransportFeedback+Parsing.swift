extension TransportFeedback {
    /// The two-bit symbols of the packet chunks, §3.1.1. A one-bit symbol means the first two of them.
    enum Symbol: UInt16 {
        case notReceived
        case smallDelta
        case largeDelta
        /// Reserved; packets so marked are taken as not received.
        case reserved
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.transportFeedback, count: Self.format)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        media = SSRC(rawValue: try body.read())
        base = SequenceNumber(rawValue: try body.read())
        statusCount = try body.read()
        referenceTime = Int32(bitPattern: try body.readUInt24() << 8) >> 8
        feedbackCount = try body.read()
        arrivals = []
        try parseChunks(from: &body)
        try parseDeltas(from: &body)
    }

    /// Lists the arrivals; until the deltas are read, `delta` holds the symbol.
    private mutating func parseChunks(from body: inout ByteReader) throws(WireError) {
        var position = 0
        let end = Int(statusCount)
        arrivals.reserveCapacity(min(end, body.remaining))
        while position < end {
            let chunk: UInt16 = try body.read()
            switch chunk >> 14 {
            case 0, 1:  // A run: two bits of symbol, thirteen of length.
                let count = min(Int(chunk & 0x1FFF), end - position)
                guard count > 0 else { throw .invalid(.length) }
                try append(chunk >> 13 & 3, count: count, at: position, room: body.remaining)
                position += count
            case 2:  // Fourteen symbols of one bit.
                for bit in 0..<min(14, end - position) where chunk >> UInt16(13 - bit) & 1 == 1 {
                    try append(Symbol.smallDelta.rawValue, count: 1, at: position + bit, room: body.remaining)
                }
                position += 14
            default:  // Seven symbols of two bits.
                for index in 0..<min(7, end - position) {
                    let symbol = chunk >> UInt16(12 - index * 2) & 3
                    try append(symbol, count: 1, at: position + index, room: body.remaining)
                }
                position += 7
            }
        }
    }

    /// Every arrival owes at least one byte of delta, which bounds what a run may claim.
    private mutating func append(_ symbol: UInt16, count: Int, at position: Int, room: Int) throws(WireError) {
        guard symbol == Symbol.smallDelta.rawValue || symbol == Symbol.largeDelta.rawValue else { return }
        guard arrivals.count + count <= room else { throw .invalid(.count) }
        for offset in position..<position + count {
            arrivals.append(
                Arrival(offset: UInt16(truncatingIfNeeded: offset), delta: Int16(truncatingIfNeeded: symbol)))
        }
    }

    private mutating func parseDeltas(from body: inout ByteReader) throws(WireError) {
        for index in arrivals.indices {
            if arrivals[index].delta == Int16(Symbol.smallDelta.rawValue) {
                arrivals[index].delta = Int16(try body.read(UInt8.self))
            } else {
                arrivals[index].delta = try body.read()
            }
        }
    }
}
