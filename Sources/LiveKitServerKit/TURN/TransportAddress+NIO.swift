internal import LiveKitCore
internal import NIOCore

extension TransportAddress {
    /// The address of a socket; `nil` for what is no IP address.
    ///
    /// Read at the offsets of `sockaddr_in` and `sockaddr_in6`: whether their fields can be named depends on which
    /// module brought the system's header in first.
    init?(_ address: SocketAddress) {
        let isIPv6: Bool
        switch address {
        case .v4: isIPv6 = false
        case .v6: isIPv6 = true
        case .unixDomainSocket: return nil
        }
        self = unsafe address.withSockAddr { pointer, size in
            let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
            func word<Word: FixedWidthInteger>(_ offset: Int, _ type: Word.Type) -> Word {
                Word(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type))
            }
            let port = word(2, UInt16.self)
            return isIPv6
                ? TransportAddress(ipv6High: word(8, UInt64.self), low: word(16, UInt64.self), port: port)
                : TransportAddress(ipv4: word(4, UInt32.self), port: port)
        }
    }
}

extension SocketAddress {
    /// The address as a socket of `family` wants it: on an IPv6 socket IPv4 addresses are mapped.
    init(_ address: TransportAddress, for family: TransportAddress.Family) throws {
        var packed = ByteBuffer()
        if family == .ipv4, address.family == .ipv4 {
            packed.writeInteger(UInt32(truncatingIfNeeded: address.low))
        } else {
            packed.writeInteger(address.high)
            packed.writeInteger(address.family == .ipv4 ? 0xFFFF << 32 | address.low : address.low)
        }
        try self.init(packedIPAddress: packed, port: Int(address.port))
    }
}
