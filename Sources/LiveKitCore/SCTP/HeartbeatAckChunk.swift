/// Gives the sign of life, and the asker's note back.
///
/// ```
/// |   type = 5    |  flags = 0    |            length             |
/// |                  heartbeat info parameter ...                 |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.6](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.6).
package struct HeartbeatAckChunk: SCTPChunkBody {
    package static let type: UInt8 = 5

    /// The sender's own note to itself.
    package var info: [UInt8]

    package init(info: [UInt8]) {
        self.info = info
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        info = try HeartbeatInfoParameter(parsing: &body).info
    }

    package func writeBody(to writer: inout ByteWriter) {
        HeartbeatInfoParameter(info: info).write(to: &writer)
    }
}
