/// A user message, or a fragment of one.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 0    |  res  |I|U|B|E|            length             |
/// |                              TSN                              |
/// |           stream              |    stream sequence number     |
/// |                 payload protocol identifier                   |
/// |                          user data ...                        |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.1).
package struct DataChunk: Hashable, Sendable {
    package var tsn: TSN
    package var stream: StreamID
    package var sequence: StreamSequenceNumber
    package var payloadProtocol: PayloadProtocol
    /// Whether the sender would like its SACK at once (RFC 7053).
    package var isImmediate = false
    package var isUnordered = false
    /// Whether this is the message's first fragment.
    package var isBeginning = true
    /// Whether this is the message's last fragment.
    package var isEnd = true
    package var payload: [UInt8]

    package init(
        tsn: TSN, stream: StreamID, sequence: StreamSequenceNumber, payloadProtocol: PayloadProtocol,
        isImmediate: Bool = false, isUnordered: Bool = false, isBeginning: Bool = true, isEnd: Bool = true,
        payload: [UInt8]
    ) {
        self.tsn = tsn
        self.stream = stream
        self.sequence = sequence
        self.payloadProtocol = payloadProtocol
        self.isImmediate = isImmediate
        self.isUnordered = isUnordered
        self.isBeginning = isBeginning
        self.isEnd = isEnd
        self.payload = payload
    }
}

extension DataChunk: SCTPChunkBody {
    package static let type: UInt8 = 0
    /// Chunk header and the fields before the user data.
    package static let headerSize = 16

    private static let endFlag: UInt8 = 1
    private static let beginningFlag: UInt8 = 2
    private static let unorderedFlag: UInt8 = 4
    private static let immediateFlag: UInt8 = 8

    package var flags: UInt8 {
        (isEnd ? Self.endFlag : 0) | (isBeginning ? Self.beginningFlag : 0)
            | (isUnordered ? Self.unorderedFlag : 0) | (isImmediate ? Self.immediateFlag : 0)
    }

    /// The chunk's size in bytes, padding included.
    package var encodedSize: Int { (Self.headerSize + payload.count + 3) / 4 * 4 }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        tsn = TSN(rawValue: try body.read())
        stream = StreamID(rawValue: try body.read())
        sequence = StreamSequenceNumber(rawValue: try body.read())
        payloadProtocol = PayloadProtocol(rawValue: try body.read())
        isEnd = flags & Self.endFlag != 0
        isBeginning = flags & Self.beginningFlag != 0
        isUnordered = flags & Self.unorderedFlag != 0
        isImmediate = flags & Self.immediateFlag != 0
        payload = body.readRemaining()
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(tsn.rawValue)
        writer.write(stream.rawValue)
        writer.write(sequence.rawValue)
        writer.write(payloadProtocol.rawValue)
        writer.write(bytes: payload)
    }
}
