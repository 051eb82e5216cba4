package import LiveKitCore

/// How the bytes of a path travel.
package enum ICETransport: UInt8, Hashable, Sendable {
    case udp
    /// TCP with the framing of RFC 4571 (RFC 6544).
    case tcp
}

/// A 5-tuple that datagrams travel on. `local` is the address of one of our candidates.
package struct ICEPath: Hashable, Sendable {
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
