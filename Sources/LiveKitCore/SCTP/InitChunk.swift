/// The first packet of a handshake: who wants an association, and under which conditions.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 1    |  flags = 0    |            length             |
/// |                   association description ...                 |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.2](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.2).
package struct InitChunk: SCTPChunkBody {
    package static let type: UInt8 = 1

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
