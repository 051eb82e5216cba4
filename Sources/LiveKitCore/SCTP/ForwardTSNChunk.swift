/// Tells the receiver to stop waiting for chunks that the sender has given up.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  type = 192   |  flags = 0    |            length             |
/// |                     new cumulative TSN                        |
/// |            stream             |    stream sequence number     |  0...n
/// ```
///
/// - SeeAlso: [RFC 3758 §3.2](https://www.rfc-editor.org/rfc/rfc3758#section-3.2).
package struct ForwardTSNChunk: Hashable, Sendable {
    /// The newest ordered message given up on one stream.
    package struct SkippedStream: Hashable, Sendable {
        package var stream: StreamID
        package var sequence: StreamSequenceNumber

        package init(stream: StreamID, sequence: StreamSequenceNumber) {
            self.stream = stream
            self.sequence = sequence
        }
    }

    package var newCumulativeTSN: TSN
    package var skippedStreams: [SkippedStream]

    package init(newCumulativeTSN: TSN, skippedStreams: [SkippedStream] = []) {
        self.newCumulativeTSN = newCumulativeTSN
        self.skippedStreams = skippedStreams
    }
}

extension ForwardTSNChunk: SCTPChunkBody {
    package static let type: UInt8 = 192

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        newCumulativeTSN = TSN(rawValue: try body.read())
        skippedStreams = []
        while body.remaining >= 4 {
            skippedStreams.append(
                SkippedStream(
                    stream: StreamID(rawValue: try body.read()),
                    sequence: StreamSequenceNumber(rawValue: try body.read())))
        }
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(newCumulativeTSN.rawValue)
        for skipped in skippedStreams {
            writer.write(skipped.stream.rawValue)
            writer.write(skipped.sequence.rawValue)
        }
    }
}
