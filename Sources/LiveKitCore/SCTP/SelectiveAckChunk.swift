/// The receiver's view: everything up to a TSN, plus runs of chunks beyond a gap.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 3    |  flags = 0    |            length             |
/// |                      cumulative TSN ack                       |
/// |               advertised receiver window credit               |
/// |     number of gap blocks      |     number of duplicates      |
/// |   gap start (from cum. TSN)   |    gap end (from cum. TSN)    |  0...n
/// |                        duplicate TSN                          |  0...m
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.4](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.4).
package struct SelectiveAckChunk: Hashable, Sendable {
    /// A run of received chunks, as offsets from the cumulative TSN, both ends included.
    package struct GapBlock: Hashable, Sendable {
        package var start: UInt16
        package var end: UInt16

        package init(start: UInt16, end: UInt16) {
            self.start = start
            self.end = end
        }
    }

    package var cumulativeTSN: TSN
    package var receiverWindow: UInt32
    package var gapBlocks: [GapBlock]
    package var duplicates: [TSN]

    package init(cumulativeTSN: TSN, receiverWindow: UInt32, gapBlocks: [GapBlock] = [], duplicates: [TSN] = []) {
        self.cumulativeTSN = cumulativeTSN
        self.receiverWindow = receiverWindow
        self.gapBlocks = gapBlocks
        self.duplicates = duplicates
    }
}

extension SelectiveAckChunk: SCTPChunkBody {
    package static let type: UInt8 = 3

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        cumulativeTSN = TSN(rawValue: try body.read())
        receiverWindow = try body.read()
        let gapCount = Int(try body.read(UInt16.self))
        let duplicateCount = Int(try body.read(UInt16.self))
        guard body.remaining >= (gapCount + duplicateCount) * 4 else { throw .invalid(.length) }
        gapBlocks = []
        gapBlocks.reserveCapacity(gapCount)
        for _ in 0..<gapCount {
            gapBlocks.append(GapBlock(start: try body.read(), end: try body.read()))
        }
        duplicates = []
        duplicates.reserveCapacity(duplicateCount)
        for _ in 0..<duplicateCount { duplicates.append(TSN(rawValue: try body.read())) }
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(cumulativeTSN.rawValue)
        writer.write(receiverWindow)
        writer.write(UInt16(truncatingIfNeeded: gapBlocks.count))
        writer.write(UInt16(truncatingIfNeeded: duplicates.count))
        for block in gapBlocks {
            writer.write(block.start)
            writer.write(block.end)
        }
        for duplicate in duplicates { writer.write(duplicate.rawValue) }
    }
}
