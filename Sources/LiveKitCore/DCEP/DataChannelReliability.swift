/// How hard a channel's sender tries.
///
/// - SeeAlso: [RFC 8832 §5.1](https://www.rfc-editor.org/rfc/rfc8832#section-5.1).
package enum DataChannelReliability: Hashable, Sendable {
    case reliable
    /// Gives a message up after this many retransmissions.
    case maxRetransmits(UInt32)
    /// Gives a message up this long after it was handed over.
    case maxLifetime(milliseconds: UInt32)

    /// Reads the channel type, without the bit that stands for "unordered", and its parameter.
    init(channelType: UInt8, parameter: UInt32) throws(WireError) {
        switch channelType {
        case 0: self = .reliable
        case 1: self = .maxRetransmits(parameter)
        case 2: self = .maxLifetime(milliseconds: parameter)
        default: throw .invalid(.channelType)
        }
    }

    var channelType: UInt8 {
        switch self {
        case .reliable: 0
        case .maxRetransmits: 1
        case .maxLifetime: 2
        }
    }

    var parameter: UInt32 {
        switch self {
        case .reliable: 0
        case .maxRetransmits(let count): count
        case .maxLifetime(let milliseconds): milliseconds
        }
    }
}

extension WireError.Field {
    static let channelType = Self("channel type")
}
