package import LiveKitCore

/// The number by which server and driver speak of a relay socket. Never used twice.
package struct TURNRelayID: Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// What a ``TURNServer`` wants of its driver.
package enum TURNServerAction: Hashable, Sendable {
    /// Send to a client: a datagram, or on a stream one whole frame.
    case send([UInt8], to: TURNFiveTuple)
    /// Bind a UDP socket of that family to that port, and report ``TURNServer/relayOpened(_:now:)`` or
    /// ``TURNServer/relayFailed(_:now:)``. It may come again for one relay, with another port, after a failure.
    case openRelay(TURNRelayID, family: TransportAddress.Family, port: UInt16)
    /// Close it. Nothing follows for this relay.
    case closeRelay(TURNRelayID)
    /// Send a datagram to a peer.
    case relay([UInt8], from: TURNRelayID, to: TransportAddress)
}

/// What a ``TURNServer`` has counted.
package struct TURNServerStatistics: Hashable, Sendable {
    /// Messages that did not parse, or made no sense where they came.
    package var malformed = 0
    /// Refusals sent to the unproven.
    package var challenges = 0
    /// Answers left out because the address had its share, or because the answer would outgrow the request.
    package var suppressedAnswers = 0
    /// Requests with wrong credentials.
    package var badCredentials = 0
    /// Peers refused by the filter, in requests.
    package var forbiddenPeers = 0
    /// Allocations refused for a quota or for want of ports.
    package var refusedAllocations = 0
    /// Allocations made.
    package var allocations = 0
    /// Datagrams, and their bytes, from clients to peers.
    package var relayedToPeers = 0
    package var relayedBytesToPeers = 0
    /// Datagrams, and their bytes, from peers to clients.
    package var relayedToClients = 0
    package var relayedBytesToClients = 0
    /// Datagrams dropped for want of a permission or channel, or by the filter.
    package var unpermitted = 0
    /// Datagrams dropped because the driver did not drain the outputs.
    package var overflows = 0
}
