extension WireError.Field {
    /// The family byte of an address attribute.
    package static let addressFamily = Self("address family")
    /// The class or number of an ERROR-CODE.
    package static let errorCode = Self("ERROR-CODE")
}

extension STUNAttribute {
    /// Reads the value of one attribute, which must fill `value` exactly.
    init(type: UInt16, value: inout ByteReader, transactionID: STUNTransactionID) throws(WireError) {
        switch type {
        case TypeCode.mappedAddress: self = .mappedAddress(try Self.readAddress(&value, mask: nil))
        case TypeCode.xorMappedAddress: self = .xorMappedAddress(try Self.readAddress(&value, mask: transactionID))
        case TypeCode.username: self = .username(try value.readString(value.remaining))
        case TypeCode.errorCode: self = .errorCode(try Self.readErrorCode(&value))
        case TypeCode.unknownAttributes: self = .unknownAttributes(try Self.readTypes(&value))
        case TypeCode.software: self = .software(try value.readString(value.remaining))
        case TypeCode.realm: self = .realm(try value.readString(value.remaining))
        case TypeCode.nonce: self = .nonce(try value.readString(value.remaining))
        case TypeCode.priority: self = .priority(try value.read())
        case TypeCode.useCandidate: self = .useCandidate
        case TypeCode.iceControlled: self = .iceControlled(try value.read())
        case TypeCode.iceControlling: self = .iceControlling(try value.read())
        default: self = try Self.readTURN(type: type, value: &value, transactionID: transactionID)
        }
        guard value.isAtEnd else { throw .invalid(.length) }
    }

    /// Appends the attribute's value, without header and padding.
    func writeValue(to writer: inout ByteWriter, transactionID: STUNTransactionID) {
        switch self {
        case .mappedAddress(let address): Self.write(address, mask: nil, to: &writer)
        case .xorMappedAddress(let address): Self.write(address, mask: transactionID, to: &writer)
        case .username(let text), .software(let text), .realm(let text), .nonce(let text):
            writer.write(bytes: text.utf8.prefix(STUNLimits.textBytes))
        case .errorCode(let error):
            writer.write(UInt16(0))
            writer.write(UInt8(truncatingIfNeeded: error.code / 100))
            writer.write(UInt8(truncatingIfNeeded: error.code % 100))
            writer.write(bytes: error.reason.utf8.prefix(STUNLimits.textBytes))
        case .unknownAttributes(let types):
            for type in types { writer.write(type) }
        case .priority(let priority): writer.write(priority)
        case .useCandidate: break
        case .iceControlled(let tieBreaker), .iceControlling(let tieBreaker): writer.write(tieBreaker)
        case .other(_, let value): writer.write(bytes: value)
        default: writeTURNValue(to: &writer, transactionID: transactionID)
        }
    }

    /// Reads an address attribute's value; with `mask` the XOR form (RFC 8489 §14.1, §14.2).
    package static func readAddress(
        _ value: inout ByteReader, mask: STUNTransactionID?
    ) throws(WireError) -> TransportAddress {
        try value.skip(1)
        let family: UInt8 = try value.read()
        let port = try value.read(UInt16.self) ^ (mask == nil ? 0 : UInt16(STUNMessage.magicCookie >> 16))
        switch family {
        case 1:
            let bits: UInt32 = try value.read()
            return TransportAddress(ipv4: bits ^ (mask == nil ? 0 : STUNMessage.magicCookie), port: port)
        case 2:
            let high: UInt64 = try value.read()
            let low: UInt64 = try value.read()
            return TransportAddress(ipv6High: high ^ Self.highMask(mask), low: low ^ (mask?.low ?? 0), port: port)
        default:
            throw .invalid(.addressFamily)
        }
    }

    /// Appends an address attribute's value; with `mask` in the XOR form.
    package static func write(_ address: TransportAddress, mask: STUNTransactionID?, to writer: inout ByteWriter) {
        writer.write(UInt8(0))
        writer.write(UInt8(address.family == .ipv4 ? 1 : 2))
        writer.write(address.port ^ (mask == nil ? 0 : UInt16(STUNMessage.magicCookie >> 16)))
        switch address.family {
        case .ipv4:
            writer.write(UInt32(truncatingIfNeeded: address.low) ^ (mask == nil ? 0 : STUNMessage.magicCookie))
        case .ipv6:
            writer.write(address.high ^ highMask(mask))
            writer.write(address.low ^ (mask?.low ?? 0))
        }
    }

    private static func highMask(_ mask: STUNTransactionID?) -> UInt64 {
        guard let mask else { return 0 }
        return UInt64(STUNMessage.magicCookie) << 32 | UInt64(mask.high)
    }

    static func readErrorCode(_ value: inout ByteReader) throws(WireError) -> STUNErrorCode {
        try value.skip(2)
        let hundreds = UInt16(try value.read(UInt8.self) & 0x7)
        let number = UInt16(try value.read(UInt8.self))
        guard (3...6).contains(hundreds), number < 100 else { throw .invalid(.errorCode) }
        return STUNErrorCode(code: hundreds * 100 + number, reason: try value.readString(value.remaining))
    }

    private static func readTypes(_ value: inout ByteReader) throws(WireError) -> [UInt16] {
        var types: [UInt16] = []
        while !value.isAtEnd, types.count < STUNLimits.attributes { types.append(try value.read()) }
        return types
    }
}
