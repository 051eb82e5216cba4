internal import LiveKitCore

/// The header of one packet of a data track, LiveKit's own format:
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |V    |S|F|X| reserved          | handle                        |
/// | sequence number               | frame number                  |
/// |                           timestamp                           |
/// | words of extensions, if X     | extensions…                   |
/// ```
///
/// A frame's first packet has S, its last F. The extensions fill one word more than is said, their length's own two
/// bytes among them; each has an id, a length and that many bytes, and an id of 0 begins the padding.
struct DataTrackHeader: Equatable {
    var version: UInt8
    var startsFrame: Bool
    var endsFrame: Bool
    var handle: UInt16
    var sequenceNumber: UInt16
    var frameNumber: UInt16
    var timestamp: UInt32
    /// Bytes before the payload.
    var size: Int

    /// Where the handle stands, which alone is written anew for each subscriber.
    static let handleOffset = 2

    /// Reads the header that a packet starts with. What the extensions say is between the ends.
    init(parsing packet: RawSpan) throws(WireError) {
        var reader = ByteReader(packet)
        let flags: UInt8 = try reader.read()
        try reader.skip(1)
        version = flags >> 5
        startsFrame = flags & 0x10 != 0
        endsFrame = flags & 0x08 != 0
        handle = try reader.read()
        sequenceNumber = try reader.read()
        frameNumber = try reader.read()
        timestamp = try reader.read()
        if flags & 0x04 != 0 {
            let words: UInt16 = try reader.read()
            try reader.skip((Int(words) + 1) * 4 - 2)
        }
        size = reader.offset
    }
}
