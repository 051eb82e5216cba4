/// What all chunk types have in common: type, flags and a body.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |     type      |     flags     |  length (4 + body, unpadded)  |
/// |                    body, padded to 4 bytes                    |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.2](https://www.rfc-editor.org/rfc/rfc9260#section-3.2).
package protocol SCTPChunkBody: Hashable, Sendable {
    static var type: UInt8 { get }

    var flags: UInt8 { get }

    /// Decodes the bytes after the chunk header.
    init(flags: UInt8, body: inout ByteReader) throws(WireError)

    func writeBody(to writer: inout ByteWriter)
}

extension SCTPChunkBody {
    package var flags: UInt8 { 0 }

    func write(to writer: inout ByteWriter) {
        SCTPChunk.write(type: Self.type, flags: flags, to: &writer) { writeBody(to: &$0) }
    }
}
