package import LiveKitCore

/// Which addresses of this host a peer is told of: LiveKit's `rtc.interfaces`, `rtc.ips`, `rtc.node_ip`,
/// `rtc.use_external_ip` and `rtc.enable_loopback_candidate`.
package struct HostAddressPolicy: Hashable, Sendable {
    package var interfaces = InterfaceFilter()
    package var addresses = AddressFilter()
    package var includesLoopback = false
    package var includesIPv6 = true
    /// What the operator says the host is reached at: it stands for every address of its family.
    package var nodeAddresses: [TransportAddress] = []
    /// What STUN servers say that our addresses are seen at, all with port 0.
    package var externalAddresses: [TransportAddress: TransportAddress] = [:]
    /// Whether addresses that have no external one are left out.
    package var announcesExternalOnly = false
    /// Whether addresses that have an external one are announced as well.
    package var announcesInternal = false

    package init() {}

    /// The addresses to gather from, loopback only if it is wanted or there is nothing else.
    package func usable(_ all: [InterfaceAddress]) -> [TransportAddress] {
        let allowed = all.filter {
            // A link-local address is of no use without its zone, which candidates do not carry.
            interfaces.allows($0.interface) && addresses.allows($0.address) && !$0.address.isLinkLocal
                && (includesIPv6 || $0.address.family == .ipv4)
        }.map(\.address)
        let outer = allowed.filter { !$0.isLoopback }
        return unique(includesLoopback || outer.isEmpty ? outer + allowed.filter(\.isLoopback) : outer)
    }

    /// The addresses to announce, the best first, IPv6 and IPv4 in turns (RFC 8421 §4).
    package func announced(_ all: [InterfaceAddress]) -> [TransportAddress] {
        var chosen: [TransportAddress] = []
        for address in usable(all) { chosen += announced(for: address) }
        // A node address of a family that no interface has: the operator knows better (a container, 1:1 NAT).
        chosen += nodeAddresses
        let ordered = unique(chosen.map { $0.with(port: 0) })
        return interleaved(ordered.filter { $0.family == .ipv6 }, ordered.filter { $0.family == .ipv4 })
    }

    private func announced(for address: TransportAddress) -> [TransportAddress] {
        if address.isLoopback { return [address] }
        let given = nodeAddresses.filter { $0.family == address.family }
        if let external = externalAddresses[address] {
            return announcesInternal && external != address ? [external, address] : [external]
        }
        if !given.isEmpty { return given }
        return announcesExternalOnly && !externalAddresses.isEmpty && address.family == .ipv4 ? [] : [address]
    }

    private func unique(_ addresses: [TransportAddress]) -> [TransportAddress] {
        var seen: Set<TransportAddress> = []
        return addresses.filter { seen.insert($0).inserted }
    }

    private func interleaved(_ left: [TransportAddress], _ right: [TransportAddress]) -> [TransportAddress] {
        var result: [TransportAddress] = []
        for index in 0..<max(left.count, right.count) {
            if index < left.count { result.append(left[index]) }
            if index < right.count { result.append(right[index]) }
        }
        return result
    }
}
