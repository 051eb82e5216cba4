package import LiveKitCore

/// A TURN allocation as the socket of a relay candidate: datagrams to and from peers on one side, datagrams or a
/// byte stream to and from the server on the other.
///
/// How it joins an ``ICEAgent``:
///
/// ```
///            ICEAgent                     TURNRelaySocket                    socket to the server
///  pollTransmit().path.local == relayedAddress
///        └── bytes ──► send(_:to: path.remote) ──► pollTransmit() ──────────► UDP, TCP or TLS
///  receive(from: peer, to: relayedAddress, .udp) ◄── pollReceived() ◄── receive(datagram:) or receive(stream:)
/// ```
///
/// Once ``pollEvent()`` says `allocated`, the agent gets the local candidate of ``candidate``, whose base is the relayed
/// address itself; over UDP the mapped address is a server-reflexive candidate of the socket to the server. Media goes
/// the same way as checks. The agent need not know permissions: the first check to a peer asks for one.
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

    /// The relay candidate, once the allocation stands. Preference below one of the same server over UDP, where the way
    /// to the server is a stream.
    package var candidate: ICECandidate? {
        guard let relayed = allocation.relayedAddress else { return nil }
        let preference: UInt16 =
            switch transport {
            case .udp: 0xFFFF
            case .tcp: 0x7FFF
            case .tls: 0x3FFF
            }
        return ICECandidate(
            foundation: ICECandidate.foundation(kind: .relayed, base: relayed, transport: .udp), transport: .udp,
            priority: ICECandidate.priority(kind: .relayed, tcpType: nil, preference: preference), address: relayed,
            kind: .relayed, relatedAddress: allocation.mappedAddress)
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
