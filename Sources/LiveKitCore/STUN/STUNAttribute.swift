/// One attribute of a STUN message (RFC 8489 §14, RFC 8445 §16.1).
///
/// MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT are not among the cases: they are made from
/// the bytes around them, so ``STUNMessage`` writes and verifies them itself.
public enum STUNAttribute: Hashable, Sendable {
    /// MAPPED-ADDRESS: the sender's address as an RFC 3489 server saw it.
    case mappedAddress(TransportAddress)
    /// XOR-MAPPED-ADDRESS: the sender's address as the receiver saw it.
    case xorMappedAddress(TransportAddress)
    /// USERNAME: in ICE the receiver's ufrag, a colon, and the sender's ufrag.
    case username(String)
    /// ERROR-CODE, in error responses.
    case errorCode(STUNErrorCode)
    /// UNKNOWN-ATTRIBUTES: the types that a 420 response complains of.
    case unknownAttributes([UInt16])
    /// SOFTWARE: what the sender runs.
    case software(String)
    /// REALM of the long-term credentials.
    case realm(String)
    /// NONCE of the long-term credentials.
    case nonce(String)
    /// PRIORITY that a peer-reflexive candidate learned from this check gets.
    case priority(UInt32)
    /// USE-CANDIDATE: the controlling agent nominates the pair.
    case useCandidate
    /// ICE-CONTROLLED with the sender's tie-breaker.
    case iceControlled(UInt64)
    /// ICE-CONTROLLING with the sender's tie-breaker.
    case iceControlling(UInt64)

    // TURN, RFC 8656 §18

    /// CHANNEL-NUMBER: the channel that ChannelBind is about.
    case channelNumber(UInt16)
    /// LIFETIME of an allocation, in seconds.
    case lifetime(UInt32)
    /// XOR-PEER-ADDRESS: the peer behind the relay.
    case xorPeerAddress(TransportAddress)
    /// DATA to or from a peer.
    case data([UInt8])
    /// XOR-RELAYED-ADDRESS: the address that the server has allocated.
    case xorRelayedAddress(TransportAddress)
    /// REQUESTED-ADDRESS-FAMILY of the relayed address.
    case requestedAddressFamily(TransportAddress.Family)
    /// EVEN-PORT: an even port is asked for, and with `reservesNext` the one above it for later.
    case evenPort(reservesNext: Bool)
    /// REQUESTED-TRANSPORT: the protocol between relay and peer, 17 being UDP.
    case requestedTransport(UInt8)
    /// DONT-FRAGMENT: the relay is to set the bit of that name.
    case dontFragment
    /// RESERVATION-TOKEN: a port that EVEN-PORT has reserved.
    case reservationToken(UInt64)
    /// ADDITIONAL-ADDRESS-FAMILY: a second relayed address is asked for.
    case additionalAddressFamily(TransportAddress.Family)
    /// ADDRESS-ERROR-CODE: why the additional family was refused.
    case addressErrorCode(TransportAddress.Family, STUNErrorCode)
    /// ICMP: what came back from the way to the peer.
    case icmp(type: UInt8, code: UInt8, data: UInt32)
    /// CONNECTION-ID of a relayed TCP connection (RFC 6062 §6.2.1).
    case connectionID(UInt32)
    /// ALTERNATE-SERVER: where to ask instead (RFC 8489 §14.15).
    case alternateServer(TransportAddress)

    /// Any other attribute, with its value as it stood on the wire, without padding.
    case other(type: UInt16, value: [UInt8])
}

extension STUNAttribute {
    /// Type numbers of the IANA registry "STUN Attributes".
    package enum TypeCode {
        package static let mappedAddress: UInt16 = 0x0001
        package static let username: UInt16 = 0x0006
        package static let messageIntegrity: UInt16 = 0x0008
        package static let errorCode: UInt16 = 0x0009
        package static let unknownAttributes: UInt16 = 0x000A
        package static let realm: UInt16 = 0x0014
        package static let nonce: UInt16 = 0x0015
        package static let messageIntegritySHA256: UInt16 = 0x001C
        package static let xorMappedAddress: UInt16 = 0x0020
        package static let priority: UInt16 = 0x0024
        package static let useCandidate: UInt16 = 0x0025
        package static let software: UInt16 = 0x8022
        package static let fingerprint: UInt16 = 0x8028
        package static let iceControlled: UInt16 = 0x8029
        package static let iceControlling: UInt16 = 0x802A
    }

    /// The attribute's type number.
    public var typeCode: UInt16 {
        switch self {
        case .mappedAddress: TypeCode.mappedAddress
        case .xorMappedAddress: TypeCode.xorMappedAddress
        case .username: TypeCode.username
        case .errorCode: TypeCode.errorCode
        case .unknownAttributes: TypeCode.unknownAttributes
        case .software: TypeCode.software
        case .realm: TypeCode.realm
        case .nonce: TypeCode.nonce
        case .priority: TypeCode.priority
        case .useCandidate: TypeCode.useCandidate
        case .iceControlled: TypeCode.iceControlled
        case .iceControlling: TypeCode.iceControlling
        case .other(let type, _): type
        default: typeCodeOfTURN
        }
    }
}
