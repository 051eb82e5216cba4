/// Where the blocks of a RED payload lie, read without copying: for forwarding the primary payload alone.
///
/// - SeeAlso: [RFC 2198 §3](https://www.rfc-editor.org/rfc/rfc2198#section-3).
package struct REDLayout: Hashable, Sendable {
    /// One redundant block, as offsets into the payload.
    package struct Block: Hashable, Sendable {
        package var payloadType: UInt8
        package var timestampOffset: UInt16
        package var offset: Int
        package var size: Int
    }

    package let blockCount: Int
    package let primaryType: UInt8
    package let primaryOffset: Int
    package let primarySize: Int

    /// Reads the block headers and checks that the blocks lie within the payload.
    package init(parsing payload: RawSpan) throws(WireError) {
        var reader = ByteReader(payload)
        var count = 0
        var redundantSize = 0
        var first: UInt8 = try reader.read()
        while first & 0x80 != 0 {
            count += 1
            guard count <= REDPayload.maximumBlocks else { throw .invalid(.count) }
            redundantSize += Int(try reader.readUInt24() & 0x3FF)
            first = try reader.read()
        }
        try reader.skip(redundantSize)
        blockCount = count
        primaryType = first & 0x7F
        primaryOffset = reader.offset
        primarySize = reader.remaining
    }

    /// Calls `body` with each redundant block of the payload that the layout was read from, oldest first.
    package func forEachBlock(in payload: RawSpan, _ body: (Block) -> Void) {
        var offset = blockCount * 4 + 1
        for index in 0..<blockCount {
            guard let header: UInt32 = payload.networkInteger(at: index * 4) else { return }
            let size = Int(header & 0x3FF)
            body(
                Block(
                    payloadType: UInt8(truncatingIfNeeded: header >> 24 & 0x7F),
                    timestampOffset: UInt16(truncatingIfNeeded: header >> 10 & 0x3FFF), offset: offset, size: size))
            offset += size
        }
    }
}
