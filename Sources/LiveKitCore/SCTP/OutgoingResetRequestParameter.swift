/// The sender starts its outgoing streams anew: in WebRTC, it closes these channels.
///
/// ```
/// |          type = 13            |            length             |
/// |                  request sequence number                      |
/// |          response sequence number (of a request for it)       |
/// |                sender's last assigned TSN                     |
/// |           stream              |             ...               |  0...n, none: all
/// ```
///
/// - SeeAlso: [RFC 6525 §4.1](https://www.rfc-editor.org/rfc/rfc6525#section-4.1).
package struct OutgoingResetRequestParameter: Hashable, Sendable {
    static let type: UInt16 = 13

    package var requestSequence: UInt32
    package var responseSequence: UInt32
    package var lastAssignedTSN: TSN
    package var streams: [StreamID]

    package init(requestSequence: UInt32, responseSequence: UInt32, lastAssignedTSN: TSN, streams: [StreamID]) {
        self.requestSequence = requestSequence
        self.responseSequence = responseSequence
        self.lastAssignedTSN = lastAssignedTSN
        self.streams = streams
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        requestSequence = try reader.read()
        responseSequence = try reader.read()
        lastAssignedTSN = TSN(rawValue: try reader.read())
        streams = []
        while reader.remaining >= 2 { streams.append(StreamID(rawValue: try reader.read())) }
    }

    func write(to writer: inout ByteWriter) {
        writer.write(requestSequence)
        writer.write(responseSequence)
        writer.write(lastAssignedTSN.rawValue)
        for stream in streams { writer.write(stream.rawValue) }
    }
}
