/// What stands before the VP8 data in each RTP packet. Trivial: reading one allocates nothing.
///
/// ```
///        0 1 2 3 4 5 6 7
///       +-+-+-+-+-+-+-+-+
///       |X|R|N|S|R| PID |
///  X:   |I|L|T|K|  RSV  |
///  I:   |M| PictureID   |
///  M:   |   PictureID   |
///  L:   |   TL0PICIDX   |
///  T/K: |TID|Y| KEYIDX  |
/// ```
///
/// - SeeAlso: [RFC 7741 §4.2](https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
public struct VP8PayloadDescriptor: Hashable, Sendable {
    /// Whether no other frame depends on this one (N).
    public var isNonReference: Bool
    /// Whether the packet starts a partition (S).
    public var isPartitionStart: Bool
    /// The partition that the packet's first byte belongs to (PID).
    public var partitionIndex: UInt8
    /// The frame's number, 15 bits that wrap; 7 bits in the short form.
    public var pictureID: UInt16?
    /// Whether the picture identifier stands in two bytes (M).
    public var isPictureIDLong: Bool
    /// Counts the frames of temporal layer zero (TL0PICIDX).
    public var temporalLayerZeroIndex: UInt8?
    /// The temporal layer (TID), with the layer-sync bit (Y).
    public var temporalID: UInt8?
    /// Whether the frame depends on layer zero alone (Y).
    public var isLayerSync: Bool
    /// Counts the key frames, five bits (KEYIDX).
    public var keyIndex: UInt8?
    /// Whether the extension octet is there even though it announces nothing, so that sizes agree with what was read.
    var isExtended = false

    /// Creates the plainest descriptor: one byte.
    public init(isPartitionStart: Bool, pictureID: UInt16? = nil) {
        isNonReference = false
        self.isPartitionStart = isPartitionStart
        partitionIndex = 0
        self.pictureID = pictureID
        isPictureIDLong = true
        isLayerSync = false
    }

    /// Reads the descriptor that a payload starts with; ``encodedSize`` tells where the data starts.
    public init(parsing payload: RawSpan) throws(WireError) {
        var reader = ByteReader(payload)
        try self.init(parsing: &reader)
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        let first: UInt8 = try reader.read()
        self.init(isPartitionStart: first & 0x10 != 0)
        isNonReference = first & 0x20 != 0
        partitionIndex = first & 0x07
        guard first & 0x80 != 0 else { return }
        let present: UInt8 = try reader.read()
        isExtended = present & 0xF0 == 0
        if present & 0x80 != 0 {
            let octet: UInt8 = try reader.read()
            isPictureIDLong = octet & 0x80 != 0
            let low = isPictureIDLong ? try reader.read(UInt8.self) : 0
            pictureID = isPictureIDLong ? UInt16(octet & 0x7F) << 8 | UInt16(low) : UInt16(octet)
        }
        if present & 0x40 != 0 { temporalLayerZeroIndex = try reader.read(UInt8.self) }
        guard present & 0x30 != 0 else { return }
        let octet: UInt8 = try reader.read()
        if present & 0x20 != 0 {
            temporalID = octet >> 6
            isLayerSync = octet & 0x20 != 0
        }
        if present & 0x10 != 0 { keyIndex = octet & 0x1F }
    }
}
