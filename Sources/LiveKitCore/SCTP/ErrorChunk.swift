/// Reports something that is wrong but not fatal.
///
/// ```
/// |   type = 9    |  flags = 0    |            length             |
/// |                      error causes ...                         |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.10](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.10).
package struct ErrorChunk: SCTPChunkBody {
    package static let type: UInt8 = 9

    package var causes: [SCTPErrorCause]

    package init(causes: [SCTPErrorCause]) {
        self.causes = causes
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        causes = try SCTPErrorCause.list(parsing: &body)
    }

    package func writeBody(to writer: inout ByteWriter) {
        for cause in causes { cause.write(to: &writer) }
    }
}
