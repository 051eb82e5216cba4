/// Gives the responder its state cookie back.
///
/// ```
/// |   type = 10   |  flags = 0    |            length             |
/// |                          cookie ...                           |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.11](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.11).
package struct CookieEchoChunk: SCTPChunkBody {
    package static let type: UInt8 = 10

    package var cookie: [UInt8]

    package init(cookie: [UInt8]) {
        self.cookie = cookie
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        cookie = body.readRemaining()
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(bytes: cookie)
    }
}
