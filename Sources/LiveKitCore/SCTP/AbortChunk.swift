/// Ends the association at once.
///
/// ```
/// |   type = 6    |  reserved   |T|            length             |
/// |                      error causes ...                         |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.7](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.7).
package struct AbortChunk: SCTPChunkBody {
    package static let type: UInt8 = 6

    /// The T bit: the packet carries the tag that its receiver chose for us, for want of ours.
    package var isTagReflected: Bool
    package var causes: [SCTPErrorCause]

    package init(isTagReflected: Bool = false, causes: [SCTPErrorCause] = []) {
        self.isTagReflected = isTagReflected
        self.causes = causes
    }

    package var flags: UInt8 { isTagReflected ? 1 : 0 }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        isTagReflected = flags & 1 != 0
        causes = try SCTPErrorCause.list(parsing: &body)
    }

    package func writeBody(to writer: inout ByteWriter) {
        for cause in causes { cause.write(to: &writer) }
    }
}
