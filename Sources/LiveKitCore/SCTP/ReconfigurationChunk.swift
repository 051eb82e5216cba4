/// Requests and responses that reset streams, hence close data channels.
///
/// ```
/// |  type = 130   |  flags = 0    |            length             |
/// |                 re-configuration parameters ...               |
/// ```
///
/// - SeeAlso: [RFC 6525 §3.1](https://www.rfc-editor.org/rfc/rfc6525#section-3.1).
package struct ReconfigurationChunk: SCTPChunkBody {
    package static let type: UInt8 = 130

    package var parameters: [SCTPParameter]

    package init(parameters: [SCTPParameter]) {
        self.parameters = parameters
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        parameters = try SCTPParameter.list(parsing: &body)
    }

    package func writeBody(to writer: inout ByteWriter) {
        SCTPParameter.write(parameters, to: &writer)
    }
}
