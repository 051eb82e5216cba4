internal import LiveKitCore

extension ICEAgent {
    /// Makes `path` the one that media takes.
    mutating func select(_ path: ICEPath, now: MediaInstant) {
        if isConcluded, consent?.path == path { return }
        let isNewPath = selectedPath != path
        if !isConcluded { previousPath = consent?.path }
        let firstRequestAt = configuration.isLite ? nil : now + spread(configuration.keepaliveInterval)
        consent = ICEConsent(path: path, session: session, now: now, nextRequestAt: firstRequestAt)
        provisionalPath = nil
        checkingEndsAt = nil
        nominationDueAt = nil
        if let index = checklist.index(of: path) { checklist.pairs[index].isNominationPending = false }
        checklist.conclude(with: path, role: role)
        if isNewPath { emit(.selectedPath(path)) }
        transition(to: .connected)
    }

    /// Lets media, and DTLS before it, begin on the best pair that answers: nomination takes another round trip.
    mutating func selectProvisionally() {
        guard consent == nil, let best = checklist.bestValid(for: role) else { return }
        let path = checklist.pairs[best].path
        guard provisionalPath != path else { return }
        provisionalPath = path
        emit(.selectedPath(path))
    }

    // MARK: Controlling

    /// Nominates when it is time to (RFC 8445 §8.1.1). Called whenever a pair became valid or failed, and on timeouts.
    mutating func considerNominating(now: MediaInstant) {
        nominationDueAt = nil
        guard session.remote != nil, nominating == nil else { return }
        if isConcluded { replaceSilentPair(now: now) }
        guard role == .controlling, nominating == nil, let best = checklist.bestValid(for: role) else { return }
        if isConcluded {
            if isUpgrade(checklist.pairs[best]) { nominate(best, now: now) }
            return
        }
        guard let firstValidAt else { return }
        let patience =
            checklist.pairs[best].isDirect
            ? configuration.nominationPatience : configuration.indirectNominationPatience
        if mayBecomeBetter(than: best), now < firstValidAt + patience {
            nominationDueAt = firstValidAt + patience
        } else {
            nominate(best, now: now)
        }
    }

    /// Whether a better pair is being checked, or may still be offered.
    private func mayBecomeBetter(than best: Int) -> Bool {
        if !checklist.pairs[best].isDirect, !isRemoteGatheringComplete { return true }
        let bar = checklist.pairs[best].priority(for: role)
        return checklist.pairs.contains {
            ($0.state == .waiting || $0.state == .inProgress) && $0.priority(for: role) > bar
        }
    }

    /// RFC 8445 asks for a restart where a nominated pair dies; a client whose NAT was rebound cannot know that it
    /// should. Peers follow a second nomination (libwebrtc does the same), so another pair that has answered
    /// since replaces the silent one. A controlled agent takes one that the peer has nominated.
    private mutating func replaceSilentPair(now: MediaInstant) {
        guard let consent, consent.isInDoubt(after: configuration.doubtTimeout, now: now) else { return }
        let path = consent.path
        let grantedAt = consent.grantedAt
        let isControlling = role == .controlling
        let other = checklist.bestValid(for: role) { pair in
            guard let lastResponseAt = pair.lastResponseAt else { return false }
            return pair.path != path && lastResponseAt > grantedAt && (isControlling || pair.isNominationPending)
        }
        guard let other else { return }
        if isControlling {
            nominate(other, now: now)
        } else {
            select(checklist.pairs[other].path, now: now)
        }
    }

    private mutating func nominate(_ index: Int, now: MediaInstant) {
        nominating = checklist.pairs[index].path
        startCheck(index, nominates: true, now: now)
    }

    // MARK: Controlled

    /// USE-CANDIDATE came over `path`, with the NOMINATION of a peer that numbers its wishes.
    mutating func receiveNomination(of path: ICEPath, number: UInt32?, now: MediaInstant) {
        guard let index = checklist.index(of: path) else { return }
        var isNewest = configuration.isLite
        if let number, number > newestNomination ?? 0 {
            newestNomination = number
            isNewest = true
        }
        if checklist.pairs[index].state == .succeeded {
            considerNomination(of: path, isNewest: isNewest, now: now)
        } else {
            checklist.pairs[index].isNominationPending = true
        }
        checklist.pairs[index].lastNominatedAt = now
    }

    /// Follows a nomination of a valid pair, unless it is a straggler of a peer that nominates each pair it checks
    /// (RFC 5245 §8.1.1.2): there the pair of most priority wins. A lite agent, which cannot find out, follows always.
    mutating func considerNomination(of path: ICEPath, isNewest: Bool = false, now: MediaInstant) {
        guard isConcluded, let consent, consent.path != path,
            let selected = checklist.index(of: consent.path), let nominated = checklist.index(of: path)
        else {
            select(path, now: now)
            return
        }
        let isBetter =
            checklist.pairs[nominated].priority(for: role) >= checklist.pairs[selected].priority(for: role)
        let isSilent = consent.isInDoubt(after: configuration.doubtTimeout, now: now)
        let last = checklist.pairs[selected].lastNominatedAt
        let isAbandoned = last.map { now - $0 >= ICELimits.nominationMemory } ?? true
        if isNewest || isBetter || isSilent || isAbandoned {
            select(path, now: now)
        } else {
            // The selected pair has to prove itself; see replaceSilentPair(now:).
            checklist.pairs[nominated].isNominationPending = true
            self.consent?.hurry(now: now)
        }
    }
}
