extension STUNAttribute.TypeCode {
    package static let channelNumber: UInt16 = 0x000C
    package static let lifetime: UInt16 = 0x000D
    package static let xorPeerAddress: UInt16 = 0x0012
    package static let data: UInt16 = 0x0013
    package static let xorRelayedAddress: UInt16 = 0x0016
    package static let requestedAddressFamily: UInt16 = 0x0017
    package static let evenPort: UInt16 = 0x0018
    package static let requestedTransport: UInt16 = 0x0019
    package static let dontFragment: UInt16 = 0x001A
    package static let reservationToken: UInt16 = 0x0022
    package static let connectionID: UInt16 = 0x002A
    package static let additionalAddressFamily: UInt16 = 0x8000
    package static let addressErrorCode: UInt16 = 0x8001
    package static let icmp: UInt16 = 0x8004
    package static let alternateServer: UInt16 = 0x8023
}

extension STUNAttribute {
    /// The type number of an attribute of TURN.
    var typeCodeOfTURN: UInt16 {
        switch self {
        case .channelNumber: TypeCode.channelNumber
        case .lifetime: TypeCode.lifetime
        case .xorPeerAddress: TypeCode.xorPeerAddress
        case .data: TypeCode.data
        case .xorRelayedAddress: TypeCode.xorRelayedAddress
        case .requestedAddressFamily: TypeCode.requestedAddressFamily
        case .evenPort: TypeCode.evenPort
        case .requestedTransport: TypeCode.requestedTransport
        case .dontFragment: TypeCode.dontFragment
        case .reservationToken: TypeCode.reservationToken
        case .additionalAddressFamily: TypeCode.additionalAddressFamily
        case .addressErrorCode: TypeCode.addressErrorCode
        case .icmp: TypeCode.icmp
        case .connectionID: TypeCode.connectionID
        case .alternateServer: TypeCode.alternateServer
        default: 0
        }
    }

    /// Reads the value of one attribute of TURN, or keeps an unknown one as it stands.
    static func readTURN(
        type: UInt16, value: inout ByteReader, transactionID: STUNTransactionID
    ) throws(WireError) -> STUNAttribute {
        switch type {
        case TypeCode.channelNumber: return .channelNumber(try readPadded(&value, reserved: 2))
        case TypeCode.lifetime: return .lifetime(try value.read())
        case TypeCode.xorPeerAddress: return .xorPeerAddress(try readAddress(&value, mask: transactionID))
        case TypeCode.data: return .data(value.readRemaining())
        case TypeCode.xorRelayedAddress: return .xorRelayedAddress(try readAddress(&value, mask: transactionID))
        case TypeCode.requestedAddressFamily: return .requestedAddressFamily(try readFamily(&value))
        case TypeCode.evenPort: return .evenPort(reservesNext: try value.read(UInt8.self) & 0x80 != 0)
        case TypeCode.requestedTransport: return .requestedTransport(try readPadded(&value, reserved: 3))
        case TypeCode.dontFragment: return .dontFragment
        case TypeCode.reservationToken: return .reservationToken(try value.read())
        case TypeCode.additionalAddressFamily: return .additionalAddressFamily(try readFamily(&value))
        case TypeCode.addressErrorCode: return try readAddressErrorCode(&value)
        case TypeCode.icmp:
            try value.skip(2)
            return .icmp(type: try value.read(), code: try value.read(), data: try value.read())
        case TypeCode.connectionID: return .connectionID(try value.read())
        case TypeCode.alternateServer: return .alternateServer(try readAddress(&value, mask: nil))
        default: return .other(type: type, value: value.readRemaining())
        }
    }

    /// Appends the value of an attribute of TURN, without header and padding.
    func writeTURNValue(to writer: inout ByteWriter, transactionID: STUNTransactionID) {
        switch self {
        case .channelNumber(let number):
            writer.write(number)
            writer.write(zeros: 2)
        case .lifetime(let seconds): writer.write(seconds)
        case .xorPeerAddress(let address), .xorRelayedAddress(let address):
            Self.write(address, mask: transactionID, to: &writer)
        case .data(let bytes): writer.write(bytes: bytes)
        case .requestedAddressFamily(let family), .additionalAddressFamily(let family):
            writer.write(Self.code(of: family))
            writer.write(zeros: 3)
        case .evenPort(let reservesNext): writer.write(UInt8(reservesNext ? 0x80 : 0))
        case .requestedTransport(let number):
            writer.write(number)
            writer.write(zeros: 3)
        case .reservationToken(let token): writer.write(token)
        case .addressErrorCode(let family, let error):
            writer.write(Self.code(of: family))
            writer.write(UInt8(0))
            writer.write(UInt8(truncatingIfNeeded: error.code / 100))
            writer.write(UInt8(truncatingIfNeeded: error.code % 100))
            writer.write(bytes: error.reason.utf8.prefix(STUNLimits.textBytes))
        case .icmp(let type, let code, let data):
            writer.write(UInt16(0))
            writer.write(type)
            writer.write(code)
            writer.write(data)
        case .connectionID(let id): writer.write(id)
        case .alternateServer(let address): Self.write(address, mask: nil, to: &writer)
        default: break
        }
    }

    private static func readPadded<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: inout ByteReader, reserved: Int
    ) throws(WireError) -> Value {
        let number: Value = try value.read()
        try value.skip(reserved)
        return number
    }

    private static func code(of family: TransportAddress.Family) -> UInt8 {
        family == .ipv4 ? 1 : 2
    }

    private static func family(of code: UInt8) throws(WireError) -> TransportAddress.Family {
        switch code {
        case 1: .ipv4
        case 2: .ipv6
        default: throw .invalid(.addressFamily)
        }
    }

    private static func readFamily(_ value: inout ByteReader) throws(WireError) -> TransportAddress.Family {
        try family(of: readPadded(&value, reserved: 3))
    }

    /// An ERROR-CODE whose first reserved byte names a family (RFC 8656 §18.12).
    private static func readAddressErrorCode(_ value: inout ByteReader) throws(WireError) -> STUNAttribute {
        let family = try family(of: value.peek())
        return .addressErrorCode(family, try readErrorCode(&value))
    }
}
