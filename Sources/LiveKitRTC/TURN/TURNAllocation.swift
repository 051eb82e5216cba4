package import LiveKitCore

/// A relayed address on a TURN server (RFC 8656), seen from its client.
///
/// It owns the requests and their repetition, the credentials' dialogue, the refreshes of allocation, permissions and
/// channels. It owns no socket: its owner hands in what the server sent (datagrams, or the frames of a
/// ``TURNStreamSplitter``), sends what ``pollTransmit()`` returns to the server, takes ``pollReceived()`` and
/// ``pollEvent()``, and calls ``handleTimeout(now:)`` no later than ``deadline``.
///
/// A peer gets a channel with the first datagram sent to it; a few datagrams wait for it. Where the server has no
/// channel left, data goes in indications.
package struct TURNAllocation: ~Copyable {
    package enum State: Hashable, Sendable {
        case idle
        case allocating
        case allocated
        case closing
        case closed
    }

    package internal(set) var state: State = .idle
    package internal(set) var relayedAddress: TransportAddress?
    /// Where the server sees us.
    package internal(set) var mappedAddress: TransportAddress?
    package internal(set) var statistics = TURNAllocationStatistics()

    let configuration: TURNAllocationConfiguration
    var random: DeterministicRandom
    var credentials: Credentials?
    var transactions: [TURNTransaction] = []
    var refreshAt: MediaInstant?
    /// When data went out for the first time since the server was last heard.
    var unansweredSince: MediaInstant?
    var peers: [TransportAddress: TURNPeer] = [:]
    var peersByChannel: [UInt16: TransportAddress] = [:]
    var nextChannel = ChannelData.numbers.lowerBound
    private var transmits = RingQueue<[UInt8]>()
    private var received = RingQueue<TURNReceivedData>()
    private var events = RingQueue<TURNAllocationEvent>()

    /// What the server's challenge made of user name and password.
    struct Credentials {
        let realm: String
        var nonce: String
        let key: STUNKey
    }

    /// `random` must be seeded from the caller's cryptographic source: transaction ids come from it.
    package init(configuration: TURNAllocationConfiguration, random: DeterministicRandom) {
        self.configuration = configuration
        self.random = random
    }

    // MARK: Begin and end

    /// Asks for the allocation.
    package mutating func start(now: MediaInstant) {
        guard state == .idle else { return }
        state = .allocating
        request(.allocate, now: now)
    }

    /// Gives the allocation back. ``TURNAllocationEvent/closed`` comes when that is done, or was tried often enough.
    package mutating func close(now: MediaInstant) {
        guard state == .allocating || state == .allocated else {
            if state == .idle { finish(.closed) }
            return
        }
        transactions = []
        peers = [:]
        peersByChannel = [:]
        refreshAt = nil
        unansweredSince = nil
        // Without credentials nothing can have been allocated.
        guard credentials != nil else { return finish(.closed) }
        state = .closing
        request(.giveBack, now: now)
    }

    /// The stream to the server has ended.
    package mutating func connectionLost() {
        guard state != .closed else { return }
        finish(state == .closing ? .closed : .failed(.connectionLost))
    }

    mutating func finish(_ event: TURNAllocationEvent) {
        guard state != .closed else { return }
        state = .closed
        transactions = []
        peers = [:]
        peersByChannel = [:]
        refreshAt = nil
        unansweredSince = nil
        relayedAddress = nil
        emit(event)
    }

    // MARK: Time

    /// When ``handleTimeout(now:)`` next has something to do.
    package var deadline: MediaInstant? {
        var earliest = MediaInstant.earliest(refreshAt, probeAt)
        for transaction in transactions { earliest = .earliest(earliest, transaction.deadline) }
        for peer in peers.values { earliest = .earliest(earliest, peer.renewAt) }
        return earliest
    }

    /// Does what is due. Calls before ``deadline`` are harmless.
    package mutating func handleTimeout(now: MediaInstant) {
        repeatRequests(now: now)
        if let refreshAt, refreshAt <= now {
            self.refreshAt = nil
            request(.refresh, now: now)
        }
        if let probeAt, probeAt <= now { probe(now: now) }
        for (address, peer) in peers {
            if let renewAt = peer.renewAt, renewAt <= now { renew(address, now: now) }
        }
    }

    /// A server that says nothing while data goes out may have lost us: our NAT gave us another address, or it was
    /// restarted. It tells by refusing a Refresh, long before the next would be due.
    private mutating func probe(now: MediaInstant) {
        unansweredSince = nil
        guard !transactions.contains(where: { $0.purpose == .refresh || $0.purpose == .probe }) else { return }
        request(.probe, now: now)
    }

    private var probeAt: MediaInstant? { unansweredSince.map { $0 + configuration.silence } }

    private mutating func repeatRequests(now: MediaInstant) {
        var lost: [TURNTransaction.Purpose] = []
        for index in transactions.indices.reversed() {
            switch transactions[index].advance(now: now) {
            case .wait: break
            case .sendAgain:
                statistics.retransmissions += 1
                transmit(transactions[index].bytes)
            case .giveUp: lost.append(transactions.remove(at: index).purpose)
            }
        }
        for purpose in lost { requestLost(purpose) }
    }

    private mutating func requestLost(_ purpose: TURNTransaction.Purpose) {
        switch purpose {
        case .allocate, .refresh, .probe: finish(.failed(.timeout))
        case .giveBack: finish(.closed)
        case .permit(let peer), .bind(let peer, _): peers[peer]?.waiting = []
        }
    }

    // MARK: Outputs

    /// The next datagram, or bytes of the stream, for the server.
    package mutating func pollTransmit() -> [UInt8]? { transmits.popFirst() }
    /// The next datagram from a peer.
    package mutating func pollReceived() -> TURNReceivedData? { received.popFirst() }
    /// The next thing that happened.
    package mutating func pollEvent() -> TURNAllocationEvent? { events.popFirst() }

    mutating func transmit(_ bytes: [UInt8]) {
        if transmits.count >= TURNLimits.clientQueue {
            transmits.popFirst()
            statistics.dropped += 1
        }
        transmits.append(bytes)
    }

    mutating func deliver(_ payload: [UInt8], from peer: TransportAddress) {
        statistics.received += 1
        if received.count >= TURNLimits.clientQueue {
            received.popFirst()
            statistics.dropped += 1
        }
        received.append(TURNReceivedData(peer: peer, payload: payload))
    }

    mutating func emit(_ event: TURNAllocationEvent) {
        if case .peerRefused = event, events.count >= TURNLimits.events {
            statistics.droppedRefusals += 1
            return
        }
        events.append(event)
    }
}
