package import LiveKitCore

/// What carries TURN between client and server. The relay's other side is always UDP.
package enum TURNTransport: Hashable, Sendable, CaseIterable {
    case udp
    case tcp
    case tls

    /// Whether messages arrive whole and in order, or not at all.
    package var isStream: Bool { self != .udp }

    /// The local preference of a relayed candidate (RFC 8445 §5.1.2.1): a stream to the server only where UDP does not
    /// get through, and the encrypted one last.
    package var preference: UInt16 {
        switch self {
        case .udp: 0xFFFF
        case .tcp: 0x7FFF
        case .tls: 0x3FFF
        }
    }
}

/// What distinguishes one client of a TURN server from another (RFC 8656 §2.2, "5-tuple").
package struct TURNFiveTuple: Hashable, Sendable {
    package let transport: TURNTransport
    package let client: TransportAddress
    package let server: TransportAddress

    package init(transport: TURNTransport, client: TransportAddress, server: TransportAddress) {
        self.transport = transport
        self.client = client
        self.server = server
    }
}
