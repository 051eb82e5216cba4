/// Says that packets with a zero checksum are welcome, because something below checks them better.
///
/// - SeeAlso: [RFC 9653 §4](https://www.rfc-editor.org/rfc/rfc9653#section-4).
package struct ZeroChecksumAcceptableParameter: Hashable, Sendable {
    static let type: UInt16 = 0x8001

    /// The alternate error detection method.
    package var method: UInt32

    /// SCTP over DTLS (RFC 9653 §6).
    package static let dtlsMethod: UInt32 = 1

    package init(method: UInt32 = dtlsMethod) {
        self.method = method
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        method = try reader.read()
    }

    func write(to writer: inout ByteWriter) {
        writer.write(method)
    }
}
