/// The answer to INIT: the responder's conditions and its state cookie.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 2    |  flags = 0    |            length             |
/// |                   association description ...                 |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.3](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.3).
package struct InitAckChunk: SCTPChunkBody {
    package static let type: UInt8 = 2

    package var description: AssociationDescription

    package init(_ description: AssociationDescription) {
        self.description = description
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        description = try AssociationDescription(parsing: &body)
    }

    package func writeBody(to writer: inout ByteWriter) {
        description.write(to: &writer)
    }
}
