package import LiveKitCore

/// One TURN server as a source of relayed candidates: allocation after allocation, for as long as it is wanted.
///
/// It owns the choice of the server's address, the one ``TURNAllocation`` that stands or is asked for, and its
/// replacement when it is lost. It owns no socket. How it joins an ``ICEAgent``:
///
/// ```
///            ICEAgent                        TURNClient                    socket to the server
///   datagram on the relay's path ──► wrap(…) in place, or send(…) ──► pollTransmit() ──► UDP, TCP, TLS
///   receive(from: peer) ◄── unwrap(…) in place, or pollReceived() ◄── receive(…) ◄── a datagram, or a stream's frame
/// ```
///
/// With ``TURNClientEvent/allocated(relayed:mapped:)`` the agent gets a local candidate of kind relay, which is its own
/// base. Media goes the same way as checks. The agent need not know of permissions: the first check to a peer asks for
/// one, and waits for it.
package struct TURNClient: ~Copyable {
    private enum Phase { case idle, connecting, allocating, allocated, waiting, closing, ended }

    /// The server's address that is tried or used.
    package private(set) var server: TransportAddress?
    package let transport: TURNTransport
    /// Sum of what all allocations counted, but for the present one.
    private var former = TURNAllocationStatistics()
    private let configuration: TURNAllocationConfiguration
    private var attempts: TURNServerAttempts
    /// The one that stands or is asked for; an idle one before and between.
    private var allocation: TURNAllocation
    private var phase = Phase.idle
    /// When the connection is given up, or the next attempt begins.
    private var timerAt: MediaInstant?
    private var random: DeterministicRandom
    private var events = RingQueue<TURNClientEvent>()

    /// `random` must be seeded from the caller's cryptographic source.
    package init(
        addresses: [TransportAddress], configuration: TURNAllocationConfiguration, random: DeterministicRandom
    ) {
        transport = configuration.transport
        self.configuration = configuration
        attempts = TURNServerAttempts(addresses: addresses)
        var random = random
        allocation = TURNAllocation(configuration: configuration, random: DeterministicRandom(seed: random.next()))
        self.random = random
    }

    package var relayedAddress: TransportAddress? { allocation.relayedAddress }
    package var statistics: TURNAllocationStatistics { former + allocation.statistics }

    // MARK: Life

    package mutating func start(now: MediaInstant) {
        guard phase == .idle else { return }
        take(attempts.begin(now: now), now: now)
    }

    /// The socket or connection that was asked for stands.
    package mutating func connected(now: MediaInstant) {
        guard phase == .connecting else { return }
        phase = .allocating
        timerAt = nil
        allocation.start(now: now)
        drain(now: now)
    }

    /// The connection has ended, or could not be opened.
    package mutating func connectionLost(_ failure: TURNFailure = .connectionLost, now: MediaInstant) {
        switch phase {
        case .connecting: take(attempts.failed(failure, now: now), now: now)
        case .allocating, .allocated, .closing:
            allocation.connectionLost()
            drain(now: now)
        case .idle, .waiting, .ended: break
        }
    }

    /// Gives the allocation back. ``TURNClientEvent/closed`` comes when that is done, or was tried often enough.
    package mutating func close(now: MediaInstant) {
        switch phase {
        case .closing, .ended: return
        case .allocating, .allocated:
            phase = .closing
            allocation.close(now: now)
            drain(now: now)
        case .idle, .connecting, .waiting: end(with: .closed)
        }
    }

    // MARK: Time

    package var deadline: MediaInstant? { .earliest(timerAt, allocation.deadline) }

    package mutating func handleTimeout(now: MediaInstant) {
        if let timerAt, timerAt <= now {
            self.timerAt = nil
            switch phase {
            case .connecting: take(attempts.failed(.timeout, now: now), now: now)
            case .waiting: connect(now: now)
            case .idle, .allocating, .allocated, .closing, .ended: break
            }
        }
        allocation.handleTimeout(now: now)
        drain(now: now)
    }

    // MARK: Datagrams

    /// See ``TURNAllocation/wrap(_:count:to:now:)``.
    package mutating func wrap(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, to peer: TransportAddress, now: MediaInstant
    ) -> Int? {
        unsafe allocation.wrap(slot, count: count, to: peer, now: now)
    }

    /// See ``TURNAllocation/unwrap(_:now:)``.
    package mutating func unwrap(
        _ message: UnsafeMutableRawBufferPointer, now: MediaInstant
    ) -> (peer: TransportAddress, payload: UnsafeMutableRawBufferPointer)? {
        unsafe allocation.unwrap(message, now: now)
    }

    /// Sends a datagram from the relayed address.
    package mutating func send(_ payload: [UInt8], to peer: TransportAddress, now: MediaInstant) {
        allocation.send(payload, to: peer, now: now)
        drain(now: now)
    }

    /// Takes a datagram, or on a stream one frame, that came from the server.
    package mutating func receive(_ bytes: RawSpan, now: MediaInstant) {
        allocation.receive(bytes, now: now)
        drain(now: now)
    }

    // MARK: Outputs

    /// The next datagram, or bytes of the stream, for the server.
    package mutating func pollTransmit() -> [UInt8]? { allocation.pollTransmit() }
    /// The next datagram from a peer.
    package mutating func pollReceived() -> TURNReceivedData? { allocation.pollReceived() }
    /// The next wish, or thing that happened.
    package mutating func pollEvent() -> TURNClientEvent? { events.popFirst() }

    // MARK: What became of an attempt

    private mutating func drain(now: MediaInstant) {
        while let event = allocation.pollEvent() { take(event, now: now) }
    }

    private mutating func take(_ event: TURNAllocationEvent, now: MediaInstant) {
        switch event {
        case .allocated(let relayed, let mapped):
            guard phase == .allocating else { return }
            phase = .allocated
            attempts.succeeded(now: now)
            emit(.allocated(relayed: relayed, mapped: mapped))
        case .peerRefused(let peer, let code): emit(.peerRefused(peer, code: code))
        case .alternateServer(let other):
            discard()
            take(attempts.redirected(to: other, now: now), now: now)
        case .failed(let failure):
            let wasAllocated = phase == .allocated
            discard()
            if phase == .closing { return end(with: .closed) }
            if wasAllocated { emit(.lost(failure)) }
            take(attempts.failed(failure, now: now), now: now)
        case .closed:
            discard()
            end(with: .closed)
        }
    }

    private mutating func discard() {
        former = statistics
        allocation = TURNAllocation(configuration: configuration, random: DeterministicRandom(seed: random.next()))
    }

    private mutating func take(_ step: TURNServerAttempts.Step, now: MediaInstant) {
        switch step {
        case .attempt(let address, let notBefore):
            server = address
            guard notBefore <= now else {
                phase = .waiting
                timerAt = notBefore
                return
            }
            connect(now: now)
        case .giveUp(let failure): end(with: .gaveUp(failure))
        }
    }

    private mutating func connect(now: MediaInstant) {
        guard let server else { return }
        phase = .connecting
        timerAt = now + TURNLimits.connectionTimeout
        emit(.connect(server))
    }

    private mutating func end(with event: TURNClientEvent) {
        guard phase != .ended else { return }
        phase = .ended
        timerAt = nil
        emit(event)
    }

    private mutating func emit(_ event: TURNClientEvent) {
        // A server can refuse peers without end. Whatever else happens waits for the owner's next step, so there is
        // never a crowd of it, and none of it may be missed.
        if case .peerRefused = event, events.count >= TURNLimits.events {
            former.droppedRefusals &+= 1
            return
        }
        events.append(event)
    }
}
