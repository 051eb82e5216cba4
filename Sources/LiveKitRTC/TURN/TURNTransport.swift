package import LiveKitCore

/// What carries TURN between client and server. The relay's other side is always UDP.
package enum TURNTransport: Hashable, Sendable, CaseIterable {
    case udp
    case tcp
    case tls

    /// Whether messages arrive whole and in order, or not at all.
    package var isStream: Bool { self != .udp }
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
