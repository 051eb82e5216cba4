package import LiveKitCore

/// A TURN server (RFC 8656) for clients over UDP, TCP and TLS, with relays over UDP.
///
/// It owns allocations, permissions, channels and quotas, and decides who may relay to whom. It owns no socket: its
/// driver passes in what arrives, does what ``pollAction()`` returns after each call, and calls
/// ``handleTimeout(now:)`` no later than ``deadline``.
///
/// Nothing is remembered of anybody who has not proven to have credentials: nonces prove themselves, and refusals
/// are counted in slots whose number is fixed. What is answered to the unproven over UDP is at most one and a half
/// times as long as what was asked, IP and UDP headers included.
package struct TURNServer: ~Copyable {
    package internal(set) var statistics = TURNServerStatistics()

    let configuration: TURNServerConfiguration
    let accounts: TURNAccounts
    let nonces: TURNNonce
    var random: DeterministicRandom
    var limiter: TURNRefusalLimiter
    var ports: TURNPortPool
    var allocations: [TURNFiveTuple: TURNServerAllocation] = [:]
    var clientsByRelay: [TURNRelayID: TURNFiveTuple] = [:]
    var allocationsByUser: [String: Int] = [:]
    var reservations: [UInt64: TURNPortReservation] = [:]
    /// Checked for requests whose user is unknown, so that they take as long as others.
    let strangersKey: STUNKey
    private var nextRelay = 0
    private var sweepAt: MediaInstant?
    private var actions = RingQueue<TURNServerAction>()

    /// Bytes that ``init(configuration:entropy:accounts:)`` wants.
    package static let entropySize = TURNNonce.entropySize + 24

    /// Creates a server.
    ///
    /// - Parameters:
    ///   - configuration: Relays, limits and the peer filter.
    ///   - entropy: At least ``entropySize`` bytes from a cryptographic source.
    ///   - accounts: Finds the account that a user name claims.
    package init(configuration: TURNServerConfiguration, entropy: [UInt8], accounts: @escaping TURNAccounts) {
        precondition(entropy.count >= Self.entropySize, "too little entropy for a TURN server")
        self.configuration = configuration
        self.accounts = accounts
        let seeds = (0..<3).map { index in
            entropy[(TURNNonce.entropySize + index * 8)...].prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        nonces = TURNNonce(
            entropy: Array(entropy.prefix(TURNNonce.entropySize)),
            lifetimeSeconds: Int(configuration.nonceLifetime.milliseconds / 1000))
        random = DeterministicRandom(seed: seeds[0])
        limiter = TURNRefusalLimiter(key: seeds[1])
        strangersKey = STUNKey(password: String(seeds[2]))
        ports = TURNPortPool(configuration.relayPorts)
    }

    // MARK: What stands

    package var allocationCount: Int { allocations.count }
    package var freePorts: Int { ports.freeCount }
    package var reservedPorts: Int { reservations.count }
    package func allocationCount(of user: String) -> Int { allocationsByUser[user] ?? 0 }
    /// The relayed address of a client.
    package func relayedAddress(of client: TURNFiveTuple) -> TransportAddress? {
        guard let allocation = allocations[client], allocation.opening == nil else { return nil }
        return allocation.relayedAddress
    }

    // MARK: Time

    /// When ``handleTimeout(now:)`` next has something to do; `nil` while there is nothing that could expire.
    package var deadline: MediaInstant? { sweepAt }

    /// Drops what has expired. Calls before ``deadline`` are harmless.
    package mutating func handleTimeout(now: MediaInstant) {
        guard let sweepAt, sweepAt <= now else { return }
        for (client, allocation) in allocations where allocation.expiresAt <= now { delete(client) }
        for client in allocations.keys { allocations[client]?.dropExpired(now: now) }
        for (token, reservation) in reservations where reservation.expiresAt <= now {
            reservations[token] = nil
            ports.release(reservation.port)
        }
        self.sweepAt = allocations.isEmpty && reservations.isEmpty ? nil : now + TURNLimits.sweepInterval
    }

    func isExpired(_ allocation: TURNServerAllocation, now: MediaInstant) -> Bool { allocation.expiresAt <= now }

    mutating func scheduleSweep(now: MediaInstant) {
        if sweepAt == nil { sweepAt = now + TURNLimits.sweepInterval }
    }

    // MARK: Ends

    /// A client's connection is gone, and its allocation with it (RFC 8656 §7.2).
    package mutating func streamClosed(_ client: TURNFiveTuple) {
        delete(client)
    }

    /// Drops everything.
    package mutating func close() {
        for client in Array(allocations.keys) { delete(client) }
        for reservation in reservations.values { ports.release(reservation.port) }
        reservations = [:]
        sweepAt = nil
    }

    mutating func delete(_ client: TURNFiveTuple) {
        guard let allocation = allocations.removeValue(forKey: client) else { return }
        clientsByRelay[allocation.relay] = nil
        ports.release(allocation.relayedAddress.port)
        let count = (allocationsByUser[allocation.account.user] ?? 1) - 1
        allocationsByUser[allocation.account.user] = count > 0 ? count : nil
        perform(.closeRelay(allocation.relay))
    }

    // MARK: Outputs

    /// The next thing to do.
    package mutating func pollAction() -> TURNServerAction? { actions.popFirst() }

    /// Queues what must not be lost: one or two for each call, and one for each allocation that ends.
    mutating func perform(_ action: TURNServerAction) {
        actions.append(action)
    }

    /// Queues a peer's or client's data, which may be lost.
    mutating func forward(_ action: TURNServerAction) {
        guard actions.count < TURNLimits.serverActions else {
            statistics.overflows += 1
            return
        }
        actions.append(action)
    }

    mutating func makeRelayID() -> TURNRelayID {
        nextRelay += 1
        return TURNRelayID(rawValue: nextRelay)
    }
}

/// A port kept for whoever brings the token.
struct TURNPortReservation {
    let port: UInt16
    let family: TransportAddress.Family
    let user: String
    let expiresAt: MediaInstant
}
