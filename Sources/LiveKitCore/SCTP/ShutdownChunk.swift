/// Asks for an orderly end once everything of ours was acknowledged.
///
/// ```
/// |   type = 7    |  flags = 0    |          length = 8           |
/// |                      cumulative TSN ack                       |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.8](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.8).
package struct ShutdownChunk: SCTPChunkBody {
    package static let type: UInt8 = 7

    package var cumulativeTSN: TSN

    package init(cumulativeTSN: TSN) {
        self.cumulativeTSN = cumulativeTSN
    }

    package init(flags: UInt8, body: inout ByteReader) throws(WireError) {
        cumulativeTSN = TSN(rawValue: try body.read())
    }

    package func writeBody(to writer: inout ByteWriter) {
        writer.write(cumulativeTSN.rawValue)
    }
}
