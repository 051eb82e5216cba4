/// A user message, or a fragment of one, that may alternate with the fragments of others (I-DATA).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 64   |  res  |I|U|B|E|            length             |
/// |                              TSN                              |
/// |           stream              |           reserved            |
/// |                      message identifier                       |
/// | payload protocol identifier (B set), else fragment number     |
/// |                          user data ...                        |
/// ```
///
/// - SeeAlso: [RFC 8260 §2.1](https://www.rfc-editor.org/rfc/rfc8260#section-2.1).
package struct InterleavedDataChunk: Hashable, Sendable {
    package var tsn: TSN
    package var stream: StreamID
    package var message: MessageID
    /// Known of the first fragment alone; zero in the others.
    package var payloadProtocol: PayloadProtocol
    /// The position among the message's fragments; zero for the first.
    package var fragment: UInt32
    package var fragmentFlags: FragmentFlags
    package var payload: [UInt8]

    package init(
        tsn: TSN, stream: StreamID, message: MessageID, payloadProtocol: PayloadProtocol, fragment: UInt32 = 0,
        flags: FragmentFlags = [.beginning, .end], payload: [UInt8]
    ) {
        self.tsn = tsn
        self.stream = stream
        self.message = message
        self.payloadProtocol = payloadProtocol
        self.fragment = fragment
        fragmentFlags = flags
        self.payload = payload
    }
}

extension InterleavedDataChunk: SCTPChunkBody {
    package static let type: UInt8 = 64
    /// Chunk header and the fields before the user data.
    package static let headerSize = 20

    package var flags: UInt8 { fragmentFlags.rawValue }

    /// The chunk's size in bytes, padding included.
    package var encodedSize: Int { (Self.headerSize + payload.count + 3) / 4 * 4 }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        fragmentFlags = FragmentFlags(rawValue: flags).intersection(.known)
        tsn = TSN(rawValue: try body.read())
        stream = StreamID(rawValue: try body.read())
        try body.skip(2)
        message = MessageID(rawValue: try body.read())
        let word: UInt32 = try body.read()
        let isBeginning = fragmentFlags.contains(.beginning)
        payloadProtocol = PayloadProtocol(rawValue: isBeginning ? word : 0)
        fragment = isBeginning ? 0 : word
        payload = body.readRemaining()
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(tsn.rawValue)
        writer.write(stream.rawValue)
        writer.write(UInt16(0))
        writer.write(message.rawValue)
        writer.write(fragmentFlags.contains(.beginning) ? payloadProtocol.rawValue : fragment)
        writer.write(bytes: payload)
    }
}
