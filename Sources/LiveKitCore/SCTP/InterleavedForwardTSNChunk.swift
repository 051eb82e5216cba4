/// Tells the receiver of interleaved messages which of them the sender has given up (I-FORWARD-TSN).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  type = 194   |  flags = 0    |            length             |
/// |                     new cumulative TSN                        |
/// |            stream             |          reserved           |U|  0...n
/// |                      message identifier                       |
/// ```
///
/// - SeeAlso: [RFC 8260 §2.3.1](https://www.rfc-editor.org/rfc/rfc8260#section-2.3.1).
package struct InterleavedForwardTSNChunk: Hashable, Sendable {
    /// The newest message given up on one stream, among its ordered or its unordered ones.
    package struct SkippedStream: Hashable, Sendable {
        package var stream: StreamID
        package var isUnordered: Bool
        package var message: MessageID

        package init(stream: StreamID, isUnordered: Bool, message: MessageID) {
            self.stream = stream
            self.isUnordered = isUnordered
            self.message = message
        }
    }

    package var newCumulativeTSN: TSN
    package var skippedStreams: [SkippedStream]

    package init(newCumulativeTSN: TSN, skippedStreams: [SkippedStream] = []) {
        self.newCumulativeTSN = newCumulativeTSN
        self.skippedStreams = skippedStreams
    }
}

extension InterleavedForwardTSNChunk: SCTPChunkBody {
    package static let type: UInt8 = 194

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        newCumulativeTSN = TSN(rawValue: try body.read())
        skippedStreams = []
        while body.remaining >= 8 {
            let stream = StreamID(rawValue: try body.read())
            let isUnordered = try body.read(UInt16.self) & 1 != 0
            let message = MessageID(rawValue: try body.read())
            skippedStreams.append(SkippedStream(stream: stream, isUnordered: isUnordered, message: message))
        }
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(newCumulativeTSN.rawValue)
        for skipped in skippedStreams {
            writer.write(skipped.stream.rawValue)
            writer.write(UInt16(skipped.isUnordered ? 1 : 0))
            writer.write(skipped.message.rawValue)
        }
    }
}
