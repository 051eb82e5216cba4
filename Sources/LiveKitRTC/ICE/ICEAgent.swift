package import LiveKitCore

/// A full ICE agent (RFC 8445) for one component: finds a path that works, and watches that it goes on working.
///
/// It owns the checks, the choice of the pair, consent, and the restart. It does not own sockets, gathering,
/// or the description in which credentials and candidates travel: its owner passes them in, sends what
/// ``pollTransmit()`` returns, takes ``pollEvent()``, and calls ``handleTimeout(now:)`` no later than
/// ``deadline``. All local UDP candidates are taken to share one socket.
///
/// Nomination is regular: a controlling agent nominates once, and again only when the nominated pair falls
/// silent while another answers. A controlled agent also follows peers that nominate aggressively.
package struct ICEAgent: ~Copyable {
    package internal(set) var role: ICERole
    package internal(set) var state: ICEState = .new
    package internal(set) var statistics = ICEStatistics()
    /// Smoothed over checks that were sent once only; `nil` before the first answer.
    package internal(set) var roundTripTime: MediaDuration?

    var configuration: ICEConfiguration
    var random: DeterministicRandom
    var tieBreaker: UInt64
    var session: ICESession
    var locals: [ICECandidate] = []
    var checklist = ICEChecklist()
    var pacer: ICEPacer
    /// The selected pair. Its session is an older one from a restart until the new generation nominates.
    var consent: ICEConsent?
    /// The pair selected before a restart, on which late datagrams may still arrive.
    var previousPath: ICEPath?
    /// The pair whose nominating check is under way.
    var nominating: ICEPath?
    /// When the first pair of this generation became valid.
    var firstValidAt: MediaInstant?
    var nominationDueAt: MediaInstant?
    /// When checking without a selected pair is given up.
    var checkingEndsAt: MediaInstant?
    private var transmits: [ICETransmit] = []
    private var events: [ICEEvent] = []

    /// Creates an agent. `random` must be seeded from the caller's cryptographic source, because transaction ids
    /// come from it; `tieBreaker`, which decides a role conflict, must be as random.
    package init(
        role: ICERole, local: ICECredentials, configuration: ICEConfiguration = ICEConfiguration(),
        random: DeterministicRandom, tieBreaker: UInt64
    ) {
        self.role = role
        session = ICESession(local: local)
        self.configuration = configuration
        self.random = random
        self.tieBreaker = tieBreaker
        pacer = ICEPacer(interval: configuration.pacing, burst: configuration.burst)
    }

    // MARK: What is known

    package var localCredentials: ICECredentials { session.local }
    package var remoteCredentials: ICECredentials? { session.remote?.credentials }
    package var localCandidates: [ICECandidate] { locals }
    /// Where media goes; `nil` before the first nomination and after failure.
    package var selectedPath: ICEPath? { consent?.path }

    /// The ufrags that checks for this agent may carry: after a restart both generations'.
    package var localUfrags: [String] {
        guard let consent, consent.session.local.ufrag != session.local.ufrag else { return [session.local.ufrag] }
        return [session.local.ufrag, consent.session.local.ufrag]
    }

    /// Whether the 5-tuple has passed an authenticated check. DTLS and SRTP from any other are to be dropped
    /// unseen: a stranger's ClientHello could otherwise win the race against the peer's.
    package func isValid(remote: TransportAddress, local: TransportAddress, transport: ICETransport) -> Bool {
        let isKnown = locals.contains { $0.address == local && $0.transport == transport }
        let matches = { (path: ICEPath) in
            path.remote == remote && path.transport == transport && (!isKnown || path.local == local)
        }
        if let path = consent?.path, matches(path) { return true }
        if let previousPath, matches(previousPath) { return true }
        return checklist.pairs.contains { $0.isValidated && matches($0.path) }
    }

    // MARK: Set up

    /// Adds an address of ours; pairs with what the peer has offered are checked soon.
    package mutating func addLocalCandidate(_ candidate: ICECandidate, now: MediaInstant) {
        let isKnown = locals.contains {
            $0.address == candidate.address && $0.transport == candidate.transport && $0.tcpType == candidate.tcpType
        }
        guard isActive, !isKnown, locals.count < ICELimits.localCandidates else {
            statistics.ignoredCandidates += 1
            return
        }
        locals.append(candidate)
        for remote in checklist.remotes { formPair(candidate, remote) }
        advance(now: now)
    }

    /// Adds an address of the peer's, at any time, also before its credentials.
    package mutating func addRemoteCandidate(_ candidate: ICECandidate, now: MediaInstant) {
        let isOfOtherGeneration =
            candidate.ufrag != nil && session.remote != nil
            && candidate.ufrag != session.remote?.credentials.ufrag
        guard isActive, candidate.isUsableRemote, !isOfOtherGeneration,
            checklist.insert(remote: candidate, keeping: selectedPath)
        else {
            statistics.ignoredCandidates += 1
            return
        }
        for local in locals { formPair(local, candidate) }
        advance(now: now)
    }

    /// Starts the checks, with the credentials from the peer's description. With `isLite` the peer said
    /// `a=ice-lite`: it only answers, so we control (RFC 8445 §6.1.1).
    package mutating func setRemoteCredentials(_ remote: ICECredentials, isLite: Bool = false, now: MediaInstant) {
        guard isActive else { return }
        if isLite { role = .controlling }
        guard session.remote?.credentials != remote else { return }
        if session.remote != nil || session.earlyRemoteUfrag ?? remote.ufrag != remote.ufrag {
            resetChecklist()
        }
        session.remote = ICESession.Remote(remote)
        session.earlyRemoteUfrag = nil
        checkingEndsAt = now + configuration.checkLifetime
        if consent == nil { transition(to: .checking) }
        advance(now: now)
    }

    /// Changes the role before a conflict has to be resolved, as descriptions are exchanged.
    package mutating func setRole(_ role: ICERole) {
        self.role = role
    }

    /// Begins a new generation (RFC 8445 §9). Media keeps flowing on the old pair, and its consent goes on,
    /// until the new generation has nominated.
    package mutating func restart(local: ICECredentials, now: MediaInstant) {
        guard state != .closed, local.ufrag != session.local.ufrag else { return }
        session = ICESession(local: local)
        resetChecklist()
        previousPath = nil
        checkingEndsAt = now + configuration.checkLifetime
        if consent == nil, state != .new { transition(to: .checking) }
    }

    /// Falls silent for good.
    package mutating func close() {
        stop(with: .closed)
        transmits.removeAll()
    }

    // MARK: Outputs

    /// The next datagram to send.
    package mutating func pollTransmit() -> ICETransmit? {
        transmits.isEmpty ? nil : transmits.removeFirst()
    }

    /// The next thing that happened.
    package mutating func pollEvent() -> ICEEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    mutating func transmit(_ bytes: [UInt8], on path: ICEPath) {
        if transmits.count >= ICELimits.transmits {
            transmits.removeFirst()
            statistics.overflows += 1
        }
        transmits.append(ICETransmit(bytes: bytes, path: path))
    }

    mutating func emit(_ event: ICEEvent) {
        if events.count >= ICELimits.events {
            events.removeFirst()
            statistics.overflows += 1
        }
        events.append(event)
    }
}
