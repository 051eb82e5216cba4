/// Opens a data channel on the stream that carries the message.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   type = 3    | channel type  |           priority            |
/// |                    reliability parameter                      |
/// |         label length          |        protocol length        |
/// |                    label, then protocol ...                   |
/// ```
///
/// - SeeAlso: [RFC 8832 §5.1](https://www.rfc-editor.org/rfc/rfc8832#section-5.1).
package struct DataChannelOpen: Hashable, Sendable {
    package var isOrdered: Bool
    package var reliability: DataChannelReliability
    package var priority: UInt16
    package var label: String
    package var protocolName: String

    static let type: UInt8 = 3
    /// RFC 8831 §6.4 names four priorities, of which this is "normal".
    package static let normalPriority: UInt16 = 256
    private static let unorderedFlag: UInt8 = 0x80

    package init(
        isOrdered: Bool = true, reliability: DataChannelReliability = .reliable, priority: UInt16 = normalPriority,
        label: String = "", protocolName: String = ""
    ) {
        self.isOrdered = isOrdered
        self.reliability = reliability
        self.priority = priority
        self.label = label
        self.protocolName = protocolName
    }

    /// Decodes what follows the message type.
    init(parsing reader: inout ByteReader) throws(WireError) {
        let channelType: UInt8 = try reader.read()
        priority = try reader.read()
        let parameter: UInt32 = try reader.read()
        isOrdered = channelType & Self.unorderedFlag == 0
        reliability = try DataChannelReliability(
            channelType: channelType & ~Self.unorderedFlag, parameter: parameter)
        let labelLength = Int(try reader.read(UInt16.self))
        let protocolLength = Int(try reader.read(UInt16.self))
        label = try reader.readString(labelLength)
        protocolName = try reader.readString(protocolLength)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(Self.type)
        writer.write(reliability.channelType | (isOrdered ? 0 : Self.unorderedFlag))
        writer.write(priority)
        writer.write(reliability.parameter)
        writer.write(UInt16(truncatingIfNeeded: label.utf8.count))
        writer.write(UInt16(truncatingIfNeeded: protocolName.utf8.count))
        writer.write(utf8: label)
        writer.write(utf8: protocolName)
    }
}
