/// A message of the data channel establishment protocol.
///
/// - SeeAlso: [RFC 8832 §5](https://www.rfc-editor.org/rfc/rfc8832#section-5).
package enum DataChannelMessage: Hashable, Sendable {
    case open(DataChannelOpen)
    case ack

    private static let ackType: UInt8 = 2

    package init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.read(UInt8.self) {
        case DataChannelOpen.type: self = .open(try DataChannelOpen(parsing: &reader))
        case Self.ackType: self = .ack
        default: throw .invalid(.type)
        }
    }

    package init(parsing bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.rawSpan)
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .open(let message): message.write(to: &writer)
        case .ack: writer.write(Self.ackType)
        }
        return writer.bytes
    }
}
