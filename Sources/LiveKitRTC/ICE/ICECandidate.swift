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
    /// Where we send from to be seen at ``address`` (RFC 8445 §5.1.1). Candidates on one socket share it, and so
    /// make one pair with each of the peer's. Never on the wire.
    package var base: TransportAddress
    /// For diagnosis only.
    package var relatedAddress: TransportAddress?
    /// Set exactly for TCP.
    package var tcpType: TCPType?
    /// The generation that a trickled candidate belongs to, where the peer says so.
    package var ufrag: String?

    package init(
        foundation: String, component: UInt16 = 1, transport: ICETransport, priority: UInt32,
        address: TransportAddress, kind: Kind, base: TransportAddress? = nil, relatedAddress: TransportAddress? = nil,
        tcpType: TCPType? = nil, ufrag: String? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.kind = kind
        self.base = base ?? address
        self.relatedAddress = relatedAddress
        self.tcpType = transport == .tcp ? tcpType ?? .passive : nil
        self.ufrag = ufrag
    }
}
