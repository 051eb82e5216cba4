package import LiveKitCore

/// A TURN allocation as the socket of a relay candidate: datagrams to and from peers on one side, datagrams or a
/// byte stream to and from the server on the other.
///
/// How it joins an ``ICEAgent``:
///
/// ```
///            ICEAgent                     TURNRelaySocket                    socket to the server
///  pollTransmit() on the relay's path
///        └── bytes ──► send(_:to: path.remote) ──► pollTransmit() ──────────► UDP, TCP or TLS
///  receive(from: peer, to: relayedAddress) ◄── pollReceived() ◄── receive(datagram:) or receive(stream:)
/// ```
///
/// Once ``pollEvent()`` says `allocated`, the agent gets a local candidate of kind relay at ``relayedAddress``, which is its
/// own base, with ``mappedAddress`` as the related address and ``preference``; over UDP the mapped address is a
/// server-reflexive candidate of the socket to the server too. Media goes the same way as checks. The agent need not know
/// of permissions: the first check to a peer asks for one, and waits for it.
package struct TURNRelaySocket: ~Copyable {
    /// Where the TURN server is.
    package let server: TransportAddress
    package let transport: TURNTransport
    package private(set) var allocation: TURNAllocation
    private var splitter = TURNStreamSplitter()

    /// `random` must be seeded from the caller's cryptographic source.
    package init(server: TransportAddress, configuration: TURNAllocationConfiguration, random: DeterministicRandom) {
        self.server = server
        transport = configuration.transport
        allocation = TURNAllocation(configuration: configuration, random: random)
    }

    package var relayedAddress: TransportAddress? { allocation.relayedAddress }

    /// Where the server sees us.
    package var mappedAddress: TransportAddress? { allocation.mappedAddress }

    /// The local preference of the relay candidate (RFC 8445 §5.1.2.1): a stream to the server only where UDP does not
    /// get through, and the encrypted one last.
    package var preference: UInt16 {
        switch transport {
        case .udp: 0xFFFF
        case .tcp: 0x7FFF
        case .tls: 0x3FFF
        }
    }

    // MARK: Towards the peers

    /// Sends a datagram from the relayed address.
    package mutating func send(_ payload: [UInt8], to peer: TransportAddress, now: MediaInstant) {
        allocation.send(payload, to: peer, now: now)
    }

    /// Lets a peer's datagrams through before anything is sent to it.
    package mutating func permit(_ peer: TransportAddress, now: MediaInstant) { allocation.permit(peer, now: now) }

    /// The next datagram from a peer.
    package mutating func pollReceived() -> TURNReceivedData? { allocation.pollReceived() }

    // MARK: Towards the server

    /// Takes a datagram that came to the socket.
    ///
    /// - Returns: Whether it was the server's; what is not may be another candidate's of the same socket.
    package mutating func receive(datagram: RawSpan, from remote: TransportAddress, now: MediaInstant) -> Bool {
        guard remote == server else { return false }
        allocation.receive(datagram, now: now)
        return true
    }

    /// Takes what came over the connection. A stream that is not TURN ends the allocation.
    package mutating func receive(stream bytes: [UInt8], now: MediaInstant) {
        splitter.append(bytes)
        do {
            while let frame = try splitter.next() { allocation.receive(frame, now: now) }
        } catch {
            allocation.connectionLost()
        }
    }

    /// The next datagram, or the stream's next bytes, for the server.
    package mutating func pollTransmit() -> [UInt8]? { allocation.pollTransmit() }

    // MARK: Life

    package mutating func start(now: MediaInstant) { allocation.start(now: now) }
    package mutating func close(now: MediaInstant) { allocation.close(now: now) }
    package mutating func connectionLost() { allocation.connectionLost() }
    package mutating func pollEvent() -> TURNAllocationEvent? { allocation.pollEvent() }
    package var deadline: MediaInstant? { allocation.deadline }
    package mutating func handleTimeout(now: MediaInstant) { allocation.handleTimeout(now: now) }
}
