package import LiveKitCore

// Candidates of ours, with computed priority and foundation. The `preference` is 65 535 for the best interface and
// less for others; RFC 8421 wants IPv6 and IPv4 interleaved.
extension ICECandidate {
    /// The port that stands for "whichever the system chooses" (RFC 6544 §4.5).
    package static let activePort: UInt16 = 9

    /// An address of one of our sockets. `base` is what the socket is bound to, where that is another address.
    package init(
        host address: TransportAddress, transport: ICETransport = .udp, tcpType: TCPType? = nil,
        preference: UInt16 = .max, base: TransportAddress? = nil
    ) {
        let type = transport == .tcp ? tcpType ?? .passive : nil
        self.init(
            foundation: Self.foundation(kind: .host, base: address, transport: transport), transport: transport,
            priority: Self.priority(kind: .host, tcpType: type, preference: preference), address: address,
            kind: .host, base: base, tcpType: type)
    }

    /// What we dial passive TCP candidates from.
    package init(activeTCP host: TransportAddress, preference: UInt16 = .max, base: TransportAddress? = nil) {
        self.init(
            host: host.with(port: Self.activePort), transport: .tcp, tcpType: .active, preference: preference,
            base: base)
    }

    /// The address of a socket of ours as a STUN server sees it.
    package init(serverReflexive address: TransportAddress, base: TransportAddress, preference: UInt16 = .max) {
        self.init(
            foundation: Self.foundation(kind: .serverReflexive, base: base, transport: .udp), transport: .udp,
            priority: Self.priority(kind: .serverReflexive, tcpType: nil, preference: preference), address: address,
            kind: .serverReflexive, base: base, relatedAddress: base)
    }

    /// The relayed address of the TURN allocation that the driver numbers `allocation`. Where several lead to
    /// the peer, `preference` says how good the way to the TURN server is: UDP before TCP before TLS.
    package init(
        relayed address: TransportAddress, allocation: UInt8, mappedAddress: TransportAddress? = nil,
        preference: UInt16 = .max
    ) {
        let transport = ICETransport.relay(allocation)
        self.init(
            foundation: Self.foundation(kind: .relayed, base: address, transport: transport), transport: transport,
            priority: Self.priority(kind: .relayed, tcpType: nil, preference: preference), address: address,
            kind: .relayed, relatedAddress: mappedAddress)
    }
}

extension ICECandidate {
    /// Whether a peer's candidate can be sent to at all: one component, a real unicast address, a port.
    var isUsableRemote: Bool {
        guard component == 1, !address.isUnspecified, address.port != 0 else { return false }
        // An active TCP peer dials us; its port is the placeholder 9 (RFC 6544 §4.5).
        guard tcpType != .active else { return false }
        return !address.isMulticast
    }

    /// Whether the two make a pair (RFC 8445 §6.1.2.2).
    func pairs(with remote: ICECandidate) -> Bool {
        guard transport.reaches(remote.transport), address.family == remote.address.family else { return false }
        // Passive candidates wait; what dials them becomes peer-reflexive (RFC 6544 §6.2).
        guard transport != .tcp || tcpType == .active && remote.tcpType == .passive else { return false }
        // Our own loopback is no way to a peer elsewhere, and a peer must not aim us at our own services.
        guard !remote.address.isLoopback || address.isLoopback else { return false }
        return address.family == .ipv4 || address.isLinkLocal == remote.address.isLinkLocal
    }
}

extension TransportAddress {
    /// 224.0.0.0/4 and the reserved addresses above it, or ff00::/8.
    fileprivate var isMulticast: Bool {
        switch family {
        case .ipv4: low >> 28 >= 0xE
        case .ipv6: high >> 56 == 0xFF
        }
    }
}
