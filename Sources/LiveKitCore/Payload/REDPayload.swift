/// A payload that carries earlier payloads again, so that a lost packet costs nothing.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |1|  block PT   |     timestamp offset      |   block length    |  each redundant block
/// |0|  block PT   |                                                  the primary one
/// ```
///
/// - SeeAlso: [RFC 2198 §3](https://www.rfc-editor.org/rfc/rfc2198#section-3).
public struct REDPayload: Hashable, Sendable {
    /// An earlier payload.
    public struct Block: Hashable, Sendable {
        /// The payload type.
        public var payloadType: UInt8
        /// How much older than the packet's timestamp, 14 bits.
        public var timestampOffset: UInt16
        /// The payload, at most 1023 bytes.
        public var payload: [UInt8]

        /// Creates a block.
        public init(payloadType: UInt8, timestampOffset: UInt16, payload: [UInt8]) {
            self.payloadType = payloadType
            self.timestampOffset = timestampOffset
            self.payload = payload
        }
    }

    /// More headers than this are an attack: senders carry two or three earlier payloads.
    static let maximumBlocks = 32

    /// The earlier payloads, oldest first. Those too large or too old for their fields are not written.
    public var redundant: [Block]
    /// The payload type of the packet's own payload.
    public var primaryType: UInt8
    /// The packet's own payload.
    public var primary: [UInt8]

    /// Creates a payload.
    public init(redundant: [Block], primaryType: UInt8, primary: [UInt8]) {
        self.redundant = redundant
        self.primaryType = primaryType
        self.primary = primary
    }

    /// Reads a payload.
    public init(parsing bytes: RawSpan) throws(WireError) {
        let layout = try REDLayout(parsing: bytes)
        var blocks: [Block] = []
        blocks.reserveCapacity(layout.blockCount)
        layout.forEachBlock(in: bytes) { block in
            let payload = [UInt8](copying: bytes.clamped(offset: block.offset, size: block.size))
            blocks.append(
                Block(payloadType: block.payloadType, timestampOffset: block.timestampOffset, payload: payload))
        }
        redundant = blocks
        primaryType = layout.primaryType
        primary = [UInt8](copying: bytes.clamped(offset: layout.primaryOffset, size: layout.primarySize))
    }

    /// The payload's bytes.
    public func encoded() -> [UInt8] {
        let blocks = redundant.filter { $0.payload.count <= 0x3FF && $0.timestampOffset <= 0x3FFF }
            .suffix(Self.maximumBlocks)
        var writer = ByteWriter(capacity: 1 + primary.count + blocks.reduce(0) { $0 + 4 + $1.payload.count })
        for block in blocks {
            writer.write(0x80 | block.payloadType & 0x7F)
            writer.writeUInt24(UInt32(block.timestampOffset) << 10 | UInt32(truncatingIfNeeded: block.payload.count))
        }
        writer.write(primaryType & 0x7F)
        for block in blocks { writer.write(bytes: block.payload) }
        writer.write(bytes: primary)
        return writer.bytes
    }
}
