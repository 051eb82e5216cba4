internal import LiveKitCore

extension ICEAgent {
    /// Makes `path` the one that media takes.
    mutating func select(_ path: ICEPath, now: MediaInstant) {
        let isNewPath = consent?.path != path
        if isConcluded, !isNewPath { return }
        if !isConcluded { previousPath = consent?.path }
        consent = ICEConsent(
            path: path, session: session, now: now, nextRequestAt: now + spread(configuration.keepaliveInterval))
        checkingEndsAt = nil
        nominationDueAt = nil
        if let index = checklist.index(of: path) { checklist.pairs[index].isNominationPending = false }
        checklist.conclude(with: path, role: role)
        if isNewPath { emit(.selectedPath(path)) }
        transition(to: .connected)
    }

    // MARK: Controlling

    /// Nominates when it is time to (RFC 8445 §8.1.1). Called whenever a pair became valid or failed, and on timeouts.
    mutating func considerNominating(now: MediaInstant) {
        nominationDueAt = nil
        guard session.remote != nil, nominating == nil else { return }
        if isConcluded { replaceSilentPair(now: now) }
        guard role == .controlling, !isConcluded else { return }
        guard let best = checklist.bestValid(for: role), let firstValidAt else { return }
        let bar = checklist.pairs[best].priority(for: role)
        let isBetterPending = checklist.pairs.contains {
            ($0.state == .waiting || $0.state == .inProgress) && $0.priority(for: role) > bar
        }
        let isReliable = checklist.pairs[best].path.transport == .tcp
        let patience = isReliable ? configuration.reliableNominationPatience : configuration.nominationPatience
        if isBetterPending, now < firstValidAt + patience {
            nominationDueAt = firstValidAt + patience
        } else {
            nominate(best, now: now)
        }
    }

    /// RFC 8445 asks for a restart where a nominated pair dies; a client whose NAT was rebound cannot know that it
    /// should. Peers follow a second nomination (libwebrtc does the same), so another pair that has answered
    /// since replaces the silent one. A controlled agent takes one that the peer has nominated.
    private mutating func replaceSilentPair(now: MediaInstant) {
        guard let consent, consent.unansweredTime(now: now) >= configuration.doubtTimeout else { return }
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

    /// USE-CANDIDATE came over `path`.
    mutating func receiveNomination(of path: ICEPath, now: MediaInstant) {
        guard let index = checklist.index(of: path) else { return }
        if checklist.pairs[index].state == .succeeded {
            considerNomination(of: path, now: now)
        } else {
            checklist.pairs[index].isNominationPending = true
        }
        checklist.pairs[index].lastNominatedAt = now
    }

    /// Follows a nomination of a valid pair, unless it is a straggler of a peer that nominates each pair it checks
    /// (RFC 5245 §8.1.1.2): there the pair of most priority wins.
    mutating func considerNomination(of path: ICEPath, now: MediaInstant) {
        guard isConcluded, let consent, consent.path != path,
            let selected = checklist.index(of: consent.path), let nominated = checklist.index(of: path)
        else {
            select(path, now: now)
            return
        }
        let isBetter =
            checklist.pairs[nominated].priority(for: role) >= checklist.pairs[selected].priority(for: role)
        let isSilent = consent.unansweredTime(now: now) >= configuration.doubtTimeout
        let last = checklist.pairs[selected].lastNominatedAt
        let isAbandoned = last.map { now - $0 >= ICELimits.nominationMemory } ?? true
        if isBetter || isSilent || isAbandoned {
            select(path, now: now)
        } else {
            // The selected pair has to prove itself; see replaceSilentPair(now:).
            checklist.pairs[nominated].isNominationPending = true
            self.consent?.hurry(now: now)
        }
    }
}
