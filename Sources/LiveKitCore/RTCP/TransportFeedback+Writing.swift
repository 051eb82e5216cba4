extension TransportFeedback {
    /// The symbol of a delta: one byte holds 0...63.75 ms.
    private static func symbol(of delta: Int16) -> Symbol {
        (0...255).contains(delta) ? .smallDelta : .largeDelta
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: RTCPPacketType.transportFeedback, count: Int(Self.format)) { writer in
            writer.write(sender.rawValue)
            writer.write(media.rawValue)
            writer.write(base.rawValue)
            writer.write(statusCount)
            writer.writeUInt24(UInt32(bitPattern: referenceTime) & 0xFF_FFFF)
            writer.write(feedbackCount)
            writeChunks(to: &writer)
            for arrival in arrivals {
                switch Self.symbol(of: arrival.delta) {
                case .smallDelta: writer.write(UInt8(truncatingIfNeeded: arrival.delta))
                default: writer.write(arrival.delta)
                }
            }
        }
    }

    private func writeChunks(to writer: inout ByteWriter) {
        var position = 0
        var next = 0
        while position < Int(statusCount) {
            let (symbol, length) = run(at: position, next: next)
            if length >= 14 || (length >= 7 && symbol == .largeDelta) || position + length >= Int(statusCount) {
                writer.write(symbol.rawValue << 13 | UInt16(truncatingIfNeeded: length))
                position += length
                if symbol != .notReceived { next += length }
            } else {
                let size = writeVector(at: position, next: &next, to: &writer)
                position += size
            }
        }
    }

    /// How far the symbol at `position` repeats; `next` is the first arrival at or after it.
    private func run(at position: Int, next: Int) -> (symbol: Symbol, length: Int) {
        let longest = min(0x1FFF, Int(statusCount) - position)
        guard next < arrivals.count, Int(arrivals[next].offset) < position + longest else {
            return (.notReceived, longest)
        }
        let gap = Int(arrivals[next].offset) - position
        guard gap <= 0 else { return (.notReceived, gap) }
        let symbol = Self.symbol(of: arrivals[next].delta)
        var length = 1
        while length < longest, next + length < arrivals.count,
            Int(arrivals[next + length].offset) == position + length,
            Self.symbol(of: arrivals[next + length].delta) == symbol
        {
            length += 1
        }
        return (symbol, length)
    }

    /// Fourteen one-bit symbols when no large delta is among them, else seven of two bits. Returns how many.
    private func writeVector(at position: Int, next: inout Int, to writer: inout ByteWriter) -> Int {
        var wide: UInt16 = 0xC000
        var narrow: UInt16 = 0x8000
        var isNarrow = true
        var inWide = 0
        var index = next
        while index < arrivals.count, Int(arrivals[index].offset) < position + 14 {
            let place = Int(arrivals[index].offset) - position
            let symbol = Self.symbol(of: arrivals[index].delta)
            if symbol == .largeDelta { isNarrow = false }
            narrow |= 1 << UInt16(13 - place)
            if place < 7 {
                wide |= symbol.rawValue << UInt16(12 - place * 2)
                inWide += 1
            }
            index += 1
        }
        writer.write(isNarrow ? narrow : wide)
        next = isNarrow ? index : next + inWide
        return isNarrow ? 14 : 7
    }
}
