internal import LiveKitCore

extension ICEAgent {
    /// Whether the agent takes part at all.
    var isActive: Bool {
        switch state {
        case .new, .checking, .connected, .disconnected: true
        case .failed, .closed: false
        }
    }

    /// Whether the current generation has a nominated pair.
    var isConcluded: Bool {
        consent?.session.isSameGeneration(as: session) ?? false
    }

    /// Whether the selected pair says how the agent is: not while a restart still looks for another.
    func isSettled(now: MediaInstant) -> Bool {
        isConcluded || checkingEndsAt.map { $0 <= now } ?? true
    }

    mutating func transition(to next: ICEState) {
        guard next != state else { return }
        state = next
        emit(.stateChanged(next))
    }

    /// Gives everything up.
    mutating func stop(with final: ICEState) {
        consent = nil
        previousPath = nil
        checkingEndsAt = nil
        resetChecklist()
        transition(to: final)
    }

    mutating func resetChecklist() {
        checklist = ICEChecklist()
        provisionalPath = nil
        nominating = nil
        newestNomination = nil
        firstValidAt = nil
        nominationDueAt = nil
        isRemoteGatheringComplete = false
        unresolvedNames.removeAll()
    }

    /// Forms the pair of two candidates if they can reach each other. A lite agent forms none: what the peer checks
    /// becomes a pair.
    mutating func formPair(_ local: ICECandidate, _ remote: ICECandidate) {
        guard !configuration.isLite, local.pairs(with: remote) else { return }
        var pair = ICECandidatePair(local, remote, state: .waiting)
        if isConcluded, !isUpgrade(pair), consent?.isBroken != true { pair.state = .frozen }
        if checklist.insert(pair, role: role, keeping: selectedPath) == nil { statistics.ignoredCandidates += 1 }
    }

    /// Whether the pair, should it work, is to take the media from an indirect one.
    func isUpgrade(_ pair: ICECandidatePair) -> Bool {
        guard let path = consent?.path, let selected = checklist.index(of: path), !checklist.pairs[selected].isDirect
        else { return false }
        return pair.priority(for: role) > checklist.pairs[selected].priority(for: role)
    }

    /// The local candidate that a datagram belongs to. The driver may not know on which address it arrived, or
    /// know an address that is not the advertised one (behind NAT): then the one that already has a pair with the
    /// sender, or the first that could have been meant.
    func resolve(
        _ local: TransportAddress, remote: TransportAddress, transport: ICETransport
    ) -> ICECandidate? {
        if let exact = locals.first(where: { $0.base == local && $0.transport == transport }) { return exact }
        let known = checklist.pairs.first { $0.path.remote == remote && $0.path.transport == transport }
        return known.flatMap { localCandidate(of: $0.path) }
            ?? locals.first {
                // Whoever dials us means a passive candidate.
                $0.address.family == remote.family && $0.transport == transport && $0.tcpType != .active
            }
    }

    /// Whether it is for us to open the connection of a TCP path.
    func dials(_ path: ICEPath) -> Bool {
        localCandidate(of: path)?.tcpType == .active
    }

    func localCandidate(of path: ICEPath) -> ICECandidate? {
        locals.first { $0.base == path.local && $0.transport == path.transport }
    }
}
