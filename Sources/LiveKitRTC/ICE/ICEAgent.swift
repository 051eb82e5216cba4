package import LiveKitCore

/// An ICE agent (RFC 8445), full or lite, for one component: finds a path that works, and watches that it goes on
/// working.
///
/// It owns the checks, the choice of the pair, consent, and the restart. It does not own sockets, gathering,
/// name resolution, or the description in which credentials and candidates travel: its owner passes them in, sends
/// what ``pollTransmit()`` returns, takes ``pollEvent()``, and calls ``handleTimeout(now:)`` no later than
/// ``deadline``.
///
/// Nomination is regular: a controlling agent nominates once, and again only when the nominated pair falls
/// silent while another answers, or a direct pair comes up after a TCP or relayed one. A controlled agent also
/// follows peers that nominate aggressively, or again and again (renomination).
package struct ICEAgent: ~Copyable {
    package internal(set) var role: ICERole
    package internal(set) var state: ICEState = .new
    package internal(set) var statistics = ICEStatistics()
    /// Smoothed; `nil` before the first answer.
    package internal(set) var roundTripTime: MediaDuration?

    var configuration: ICEConfiguration
    var random: DeterministicRandom
    var tieBreaker: UInt64
    var session: ICESession
    var locals: [ICECandidate] = []
    /// Allocations that have ended while consent was on a path of theirs.
    var endedRelays: Set<UInt8> = []
    var checklist = ICEChecklist()
    var pacer: ICEPacer
    /// The selected pair. Its session is an older one from a restart until the new generation nominates.
    var consent: ICEConsent?
    /// The pair selected before a restart, on which late datagrams may still arrive.
    var previousPath: ICEPath?
    /// The best pair that answers, before any is nominated.
    var provisionalPath: ICEPath?
    /// The pair whose nominating check is under way.
    var nominating: ICEPath?
    /// The largest NOMINATION that this generation's peer sent.
    var newestNomination: UInt32?
    /// Whether the peer has said that it has no more candidates.
    var isRemoteGatheringComplete = false
    var unresolvedNames: [ICERemoteName] = []
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
        // A lite agent leaves the decision to the full one (RFC 8445 §6.1.1).
        self.role = configuration.isLite ? .controlled : role
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
    /// Where media goes: the nominated pair, or until there is one the best that answers (RFC 8445 §12.1). `nil`
    /// while none does and after failure.
    package var selectedPath: ICEPath? { consent?.path ?? provisionalPath }

    /// The ufrags that checks for this agent may carry: after a restart both generations'.
    package var localUfrags: [String] {
        guard let consent, consent.session.local.ufrag != session.local.ufrag else { return [session.local.ufrag] }
        return [session.local.ufrag, consent.session.local.ufrag]
    }

    /// Whether the 5-tuple has passed an authenticated check. DTLS and SRTP from any other are to be dropped
    /// unseen: a stranger's ClientHello could otherwise win the race against the peer's.
    package func isValid(remote: TransportAddress, local: TransportAddress, transport: ICETransport) -> Bool {
        let isKnown = locals.contains { $0.base == local && $0.transport == transport }
        let matches = { (path: ICEPath) in
            path.remote == remote && path.transport == transport && (!isKnown || path.local == local)
        }
        if let path = consent?.path, matches(path) { return true }
        if let previousPath, matches(previousPath) { return true }
        return checklist.pairs.contains { $0.isValidated && matches($0.path) }
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

    mutating func dropTransmits() {
        transmits.removeAll()
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
