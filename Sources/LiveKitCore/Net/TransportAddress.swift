/// An IP address and port: what a datagram comes from or goes to.
///
/// IPv4-mapped IPv6 addresses are stored as IPv4, so that one peer has one value on a dual-stack socket.
/// Twenty-four bytes, no heap, so it serves as a dictionary key and in batches.
public struct TransportAddress: Hashable, Sendable {
    /// The address family.
    public enum Family: UInt8, Hashable, Sendable {
        /// IPv4.
        case ipv4
        /// IPv6.
        case ipv6
    }

    /// The address family.
    public let family: Family
    /// The port, in host order.
    public var port: UInt16
    /// The address's first eight bytes in network order; zero for IPv4.
    package let high: UInt64
    /// The address's last eight bytes in network order; an IPv4 address stands in the low 32 bits.
    package let low: UInt64

    /// An IPv4 address from its 32 bits, `127.0.0.1` being `0x7F000001`.
    public init(ipv4: UInt32, port: UInt16) {
        family = .ipv4
        high = 0
        low = UInt64(ipv4)
        self.port = port
    }

    /// An IPv6 address from its two halves in network order. IPv4-mapped addresses become IPv4.
    public init(ipv6High: UInt64, low: UInt64, port: UInt16) {
        let isMapped = ipv6High == 0 && low >> 32 == 0xFFFF
        family = isMapped ? .ipv4 : .ipv6
        high = isMapped ? 0 : ipv6High
        self.low = isMapped ? low & 0xFFFF_FFFF : low
        self.port = port
    }

    /// Whether the address is 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 == 127
        case .ipv6: high == 0 && low == 1
        }
    }

    /// Whether the address is 0.0.0.0 or ::.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// Whether the address is 169.254.0.0/16 or fe80::/10.
    public var isLinkLocal: Bool {
        switch family {
        case .ipv4: low >> 16 == 0xA9FE
        case .ipv6: high >> 54 == 0xFE80 >> 6
        }
    }

    /// The same address with another port.
    public func with(port: UInt16) -> TransportAddress {
        var copy = self
        copy.port = port
        return copy
    }
}
