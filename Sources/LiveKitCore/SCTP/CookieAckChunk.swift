/// The last packet of a handshake: the cookie was good.
///
/// - SeeAlso: [RFC 9260 §3.3.12](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.12).
package struct CookieAckChunk: SCTPChunkBody {
    package static let type: UInt8 = 11

    package init() {}

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {}

    package func writeBody(to writer: inout ByteWriter) {}
}
