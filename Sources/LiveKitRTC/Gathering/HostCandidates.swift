package import LiveKitCore

/// Makes the host candidates of one server or client from the addresses that are announced and the ports that are
/// open.
package struct HostCandidates: Sendable {
    /// Ports of the UDP sockets, by family. A socket is bound to all addresses, so its candidates share one base.
    package var udpPorts: [TransportAddress.Family: UInt16] = [:]
    /// Ports of the listeners for passive TCP, by family.
    package var tcpPorts: [TransportAddress.Family: UInt16] = [:]
    /// Whether peers that listen are dialled.
    package var dialsTCP = false

    package init() {}

    /// The candidates; `addresses` are in order of preference, the best first.
    package func make(_ addresses: [TransportAddress]) -> [ICECandidate] {
        var candidates: [ICECandidate] = []
        for (index, address) in addresses.enumerated() {
            // Of a TCP candidate's preference the lowest three bits make way for its type.
            let preference = UInt16(clamping: Int(UInt16.max) - index * 8)
            if let port = udpPorts[address.family] {
                candidates.append(
                    ICECandidate(
                        host: address.with(port: port), preference: preference, base: wildcard(address.family, port)))
            }
            if let port = tcpPorts[address.family] {
                candidates.append(
                    ICECandidate(
                        host: address.with(port: port), transport: .tcp, tcpType: .passive, preference: preference,
                        base: wildcard(address.family, port)))
            }
            if dialsTCP {
                let base = wildcard(address.family, ICECandidate.activePort)
                candidates.append(ICECandidate(activeTCP: address, preference: preference, base: base))
            }
        }
        return candidates
    }

    private func wildcard(_ family: TransportAddress.Family, _ port: UInt16) -> TransportAddress {
        family == .ipv4 ? TransportAddress(ipv4: 0, port: port) : TransportAddress(ipv6High: 0, low: 0, port: port)
    }
}
