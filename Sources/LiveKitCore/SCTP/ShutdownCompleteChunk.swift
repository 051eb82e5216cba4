/// The last packet of an orderly end.
///
/// ```
/// |   type = 14    |  reserved   |T|          length = 4           |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.13](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.13).
package struct ShutdownCompleteChunk: SCTPChunkBody {
    package static let type: UInt8 = 14

    /// The T bit: the packet carries the tag that its receiver chose for us, for want of ours.
    package var isTagReflected: Bool

    package init(isTagReflected: Bool = false) {
        self.isTagReflected = isTagReflected
    }

    package var flags: UInt8 { isTagReflected ? 1 : 0 }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        isTagReflected = flags & 1 != 0
    }

    package func writeBody(to writer: inout ByteWriter) {}
}
