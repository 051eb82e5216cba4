package import LiveKitCore

/// Which peers a TURN server relays to: the wall between the world and the server's own network.
///
/// Restricted addresses (whatever the world's routers would not carry to a stranger) are refused unless the allow list
/// names them; the deny list refuses whatever it names, and wins. An address that carries an IPv4 address inside must
/// pass in both forms. The server's own hosts are refused but for endpoints that are told to be reachable: media.
///
/// One filter is asked wherever a peer's address comes in, and again for each datagram.
package struct TURNPeerFilter: Sendable {
    private let allowedBlocks: [AddressBlock]
    private let deniedBlocks: [AddressBlock]
    private let ownHosts: Set<TransportAddress>
    private let reachableEndpoints: Set<TransportAddress>
    private let reachableHosts: Set<TransportAddress>

    /// - Parameters:
    ///   - allowedBlocks: Restricted addresses that may be relayed to all the same.
    ///   - deniedBlocks: Addresses that may not, whatever else is said.
    ///   - ownHosts: Addresses of this server; ports do not count.
    ///   - reachableEndpoints: Addresses and ports of this server that clients are meant to reach.
    package init(
        allowedBlocks: [AddressBlock] = [], deniedBlocks: [AddressBlock] = [], ownHosts: [TransportAddress] = [],
        reachableEndpoints: [TransportAddress] = []
    ) {
        self.allowedBlocks = allowedBlocks
        self.deniedBlocks = deniedBlocks
        self.ownHosts = Set(ownHosts.map { $0.with(port: 0) })
        self.reachableEndpoints = Set(reachableEndpoints)
        reachableHosts = Set(reachableEndpoints.map { $0.with(port: 0) })
    }

    /// Whether some port of the host may be relayed to: what CreatePermission, which names no port, is decided by.
    package func allowsHost(of address: TransportAddress) -> Bool {
        allows(address) { reachableHosts.contains($0.with(port: 0)) }
    }

    /// Whether this very endpoint may be relayed to.
    package func allows(_ endpoint: TransportAddress) -> Bool {
        endpoint.port != 0 && allows(endpoint) { reachableEndpoints.contains($0) }
    }

    private func allows(_ address: TransportAddress, ifOwn isReachable: (TransportAddress) -> Bool) -> Bool {
        for form in [address] + EmbeddedIPv4.addresses(in: address) {
            guard !deniedBlocks.contains(where: { $0.contains(form) }), !Self.isNeverAPeer(form) else { return false }
            if Self.isRestricted(form), !allowedBlocks.contains(where: { $0.contains(form) }) { return false }
            if ownHosts.contains(form.with(port: 0)), !isReachable(form) { return false }
        }
        return true
    }

    /// Addresses that no list opens: nobody is there, or everybody.
    private static func isNeverAPeer(_ address: TransportAddress) -> Bool {
        address.isUnspecified || neverBlocks.contains { $0.contains(address) }
    }

    /// Addresses that are no global unicast ones (the IANA special-purpose registries, RFC 6890), or hide another one.
    package static func isRestricted(_ address: TransportAddress) -> Bool {
        switch address.family {
        case .ipv4: restrictedIPv4.contains { $0.contains(address) }
        // Only 2000::/3 is global unicast, and of it not all.
        case .ipv6: address.high >> 61 != 1 || restrictedIPv6.contains { $0.contains(address) }
        }
    }

    private static let neverBlocks = blocks([
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, and the broadcast address
        "ff00::/8",  // multicast
    ])

    private static let restrictedIPv4 = blocks([
        "0.0.0.0/8",  // this network; Linux takes it for itself
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private, RFC 1918
        "100.64.0.0/10",  // carriers' NAT, RFC 6598
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local, and the clouds' metadata services
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "198.18.0.0/15",  // benchmarks
        "224.0.0.0/4", "240.0.0.0/4",
    ])

    private static let restrictedIPv6 = blocks([
        "2001::/23",  // protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32", "3fff::/20",  // documentation
        "2002::/16",  // 6to4
    ])

    private static func blocks(_ texts: [String]) -> [AddressBlock] {
        texts.map { text in
            guard let block = AddressBlock(text) else { preconditionFailure("\(text) is no block of addresses") }
            return block
        }
    }
}

/// The IPv4 addresses that an IPv6 address stands for on one or another translator or tunnel.
///
/// IPv4-mapped addresses are not here: ``TransportAddress`` makes them IPv4 at once.
enum EmbeddedIPv4 {
    static func addresses(in address: TransportAddress) -> [TransportAddress] {
        guard address.family == .ipv6 else { return [] }
        let tail = UInt32(truncatingIfNeeded: address.low)
        let beforeTail = UInt32(truncatingIfNeeded: address.low >> 32)
        let bits: [UInt32] =
            switch (address.high, beforeTail) {
            // IPv4-compatible ::a.b.c.d and IPv4-translated ::ffff:0:a.b.c.d (RFC 2765)
            case (0, 0), (0, 0xFFFF_0000): [tail]
            // NAT64 with its well-known prefix 64:ff9b::/96 (RFC 6052)
            case (0x0064_FF9B_0000_0000, 0): [tail]
            // 6to4, 2002:a.b.c.d::/48 (RFC 3056)
            case (let high, _) where high >> 48 == 0x2002: [UInt32(truncatingIfNeeded: high >> 16)]
            // Teredo 2001::/32: the server, and the client's address inverted (RFC 4380)
            case (let high, _) where high >> 32 == 0x2001_0000: [UInt32(truncatingIfNeeded: high), ~tail]
            // ISATAP under any prefix (RFC 5214)
            case (_, 0x0000_5EFE), (_, 0x0200_5EFE): [tail]
            default: []
            }
        return bits.map { TransportAddress(ipv4: $0, port: address.port) }
    }
}
