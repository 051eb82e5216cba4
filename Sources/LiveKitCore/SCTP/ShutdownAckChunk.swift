/// Agrees to an orderly end: nothing is outstanding on this side either.
///
/// - SeeAlso: [RFC 9260 §3.3.9](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.9).
package struct ShutdownAckChunk: SCTPChunkBody {
    package static let type: UInt8 = 8

    package init() {}

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {}

    package func writeBody(to writer: inout ByteWriter) {}
}
