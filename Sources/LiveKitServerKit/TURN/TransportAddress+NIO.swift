internal import Foundation
internal import LiveKitCore
internal import NIOCore

extension TransportAddress {
    /// The address of a socket; `nil` for what is no IP address.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let found):
            let raw = found.address
            self.init(
                ipv4: UInt32(bigEndian: raw.sin_addr.s_addr), port: UInt16(bigEndian: raw.sin_port))
        case .v6(let found):
            var raw = found.address
            let (high, low) = unsafe withUnsafeBytes(of: &raw.sin6_addr) { bytes in
                unsafe (
                    bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                    bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                )
            }
            self.init(
                ipv6High: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: UInt16(bigEndian: raw.sin6_port))
        case .unixDomainSocket: return nil
        }
    }
}

extension SocketAddress {
    /// The address as a socket of `family` wants it: on an IPv6 socket IPv4 addresses are mapped.
    init(_ address: TransportAddress, for family: TransportAddress.Family) {
        guard family == .ipv6 || address.family == .ipv6 else {
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = address.port.bigEndian
            raw.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
            self.init(raw)
            return
        }
        var raw = sockaddr_in6()
        raw.sin6_family = sa_family_t(AF_INET6)
        raw.sin6_port = address.port.bigEndian
        let low = address.family == .ipv4 ? 0xFFFF << 32 | address.low : address.low
        unsafe withUnsafeMutableBytes(of: &raw.sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: address.high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        self.init(raw)
    }
}
