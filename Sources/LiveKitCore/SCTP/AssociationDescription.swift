/// What INIT and INIT ACK say of their sender's end of the association.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         initiate tag                          |
/// |               advertised receiver window credit               |
/// |  number of outbound streams   |   number of inbound streams   |
/// |                          initial TSN                          |
/// |                        parameters ...                         |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.3.2](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.2).
package struct AssociationDescription: Hashable, Sendable {
    package var initiateTag: UInt32
    package var receiverWindow: UInt32
    package var outboundStreams: UInt16
    package var inboundStreams: UInt16
    package var initialTSN: TSN
    package var parameters: [SCTPParameter]

    package init(
        initiateTag: UInt32, receiverWindow: UInt32, outboundStreams: UInt16, inboundStreams: UInt16,
        initialTSN: TSN, parameters: [SCTPParameter]
    ) {
        self.initiateTag = initiateTag
        self.receiverWindow = receiverWindow
        self.outboundStreams = outboundStreams
        self.inboundStreams = inboundStreams
        self.initialTSN = initialTSN
        self.parameters = parameters
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        initiateTag = try reader.read()
        receiverWindow = try reader.read()
        outboundStreams = try reader.read()
        inboundStreams = try reader.read()
        initialTSN = TSN(rawValue: try reader.read())
        parameters = try SCTPParameter.list(parsing: &reader)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(initiateTag)
        writer.write(receiverWindow)
        writer.write(outboundStreams)
        writer.write(inboundStreams)
        writer.write(initialTSN.rawValue)
        SCTPParameter.write(parameters, to: &writer)
    }
}
