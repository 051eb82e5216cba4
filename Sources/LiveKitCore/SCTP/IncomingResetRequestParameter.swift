/// Asks the peer to reset its outgoing streams.
///
/// ```
/// |          type = 14            |            length             |
/// |                  request sequence number                      |
/// |           stream              |             ...               |  0...n, none: all
/// ```
///
/// - SeeAlso: [RFC 6525 §4.2](https://www.rfc-editor.org/rfc/rfc6525#section-4.2).
package struct IncomingResetRequestParameter: Hashable, Sendable {
    static let type: UInt16 = 14

    package var requestSequence: UInt32
    package var streams: [StreamID]

    package init(requestSequence: UInt32, streams: [StreamID]) {
        self.requestSequence = requestSequence
        self.streams = streams
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        requestSequence = try reader.read()
        streams = []
        while reader.remaining >= 2 { streams.append(StreamID(rawValue: try reader.read())) }
    }

    func write(to writer: inout ByteWriter) {
        writer.write(requestSequence)
        for stream in streams { writer.write(stream.rawValue) }
    }
}
