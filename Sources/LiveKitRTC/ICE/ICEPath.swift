package import LiveKitCore

/// How the bytes of a path travel.
package enum ICETransport: Hashable, Sendable {
    case udp
    /// TCP with the framing of RFC 4571 (RFC 6544).
    case tcp
    /// UDP to the peer, through the TURN allocation that the driver gave this number.
    case relay(UInt8)

    /// What a candidate's description says.
    var name: String { self == .tcp ? "tcp" : "udp" }

    /// Whether a peer's candidate of `remote` can be reached from one of ours of this transport. A peer that is
    /// itself relayed is plain UDP to us.
    func reaches(_ remote: ICETransport) -> Bool {
        switch self {
        case .udp, .relay: remote == .udp
        case .tcp: remote == .tcp
        }
    }
}

/// A 5-tuple that datagrams travel on.
package struct ICEPath: Hashable, Sendable {
    /// The base of one of our candidates: the address of the socket, or of the relay.
    package var local: TransportAddress
    package var remote: TransportAddress
    package var transport: ICETransport

    package init(local: TransportAddress, remote: TransportAddress, transport: ICETransport) {
        self.local = local
        self.remote = remote
        self.transport = transport
    }
}

/// A datagram to send, from ``ICEAgent/pollTransmit()``.
package struct ICETransmit: Sendable {
    package var bytes: [UInt8]
    package var path: ICEPath
}
