package import LiveKitCore

/// A transport address that an agent may be reached at (RFC 8445 §5.1, RFC 6544).
package struct ICECandidate: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case host
        case serverReflexive = "srflx"
        case peerReflexive = "prflx"
        case relayed = "relay"
    }

    /// Who opens the connection of a TCP candidate (RFC 6544 §4.5).
    package enum TCPType: String, Hashable, Sendable {
        case active
        case passive
        case simultaneousOpen = "so"
    }

    package var foundation: String
    package var component: UInt16
    package var transport: ICETransport
    package var priority: UInt32
    package var address: TransportAddress
    package var kind: Kind
    /// For diagnosis only.
    package var relatedAddress: TransportAddress?
    /// Set exactly for TCP.
    package var tcpType: TCPType?
    /// The generation that a trickled candidate belongs to, where the peer says so.
    package var ufrag: String?

    package init(
        foundation: String, component: UInt16 = 1, transport: ICETransport, priority: UInt32,
        address: TransportAddress, kind: Kind, relatedAddress: TransportAddress? = nil, tcpType: TCPType? = nil,
        ufrag: String? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.kind = kind
        self.relatedAddress = relatedAddress
        self.tcpType = transport == .tcp ? tcpType ?? .passive : nil
        self.ufrag = ufrag
    }

    /// A host candidate of ours, with computed priority and foundation. The `preference` is 65 535 for the best
    /// interface and less for others; RFC 8421 wants IPv6 and IPv4 interleaved.
    package init(
        host address: TransportAddress, transport: ICETransport = .udp, tcpType: TCPType? = nil,
        preference: UInt16 = .max
    ) {
        let type = transport == .tcp ? tcpType ?? .passive : nil
        self.init(
            foundation: Self.foundation(kind: .host, base: address, transport: transport), transport: transport,
            priority: Self.priority(kind: .host, tcpType: type, preference: preference), address: address,
            kind: .host, tcpType: type)
    }

    /// Whether a peer's candidate can be sent to at all: one component, a real unicast address, a port.
    var isUsableRemote: Bool {
        guard component == 1, !address.isUnspecified, address.port != 0 else { return false }
        // An active TCP peer dials us; its port is the placeholder 9 (RFC 6544 §4.5).
        guard tcpType != .active else { return false }
        return !address.isMulticast
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
