package import LiveKitCore

// What signalling and gathering tell the agent.
extension ICEAgent {
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
        guard isActive, candidate.isUsableRemote, isOfThisGeneration(candidate.ufrag),
            checklist.insert(remote: candidate, keeping: selectedPath)
        else {
            statistics.ignoredCandidates += 1
            return
        }
        for local in locals { formPair(local, candidate) }
        advance(now: now)
    }

    /// Adds a candidate of the peer's that has a name instead of an address, and asks the owner to resolve it, if
    /// the configuration wants that.
    package mutating func addRemoteCandidate(_ named: ICERemoteName, now: MediaInstant) {
        guard isActive, configuration.resolvesNames, unresolvedNames.count < ICELimits.unresolvedNames,
            !unresolvedNames.contains(named)
        else {
            statistics.ignoredCandidates += 1
            return
        }
        let isAsked = unresolvedNames.contains { $0.name == named.name }
        unresolvedNames.append(named)
        if !isAsked { emit(.resolve(named.name)) }
    }

    /// Answers ``ICEEvent/resolve(_:)``; without addresses the name is given up.
    package mutating func addResolved(_ name: String, addresses: [TransportAddress], now: MediaInstant) {
        let answered = unresolvedNames.filter { $0.name == name }
        unresolvedNames.removeAll { $0.name == name }
        for named in answered {
            for address in addresses.prefix(ICELimits.addressesOfName) {
                addRemoteCandidate(named.candidate(at: address), now: now)
            }
        }
    }

    /// The peer has told all its candidates (RFC 8838 §8.2): what is still better than a valid pair is known now.
    package mutating func endRemoteCandidates(now: MediaInstant) {
        guard isActive, !isRemoteGatheringComplete else { return }
        isRemoteGatheringComplete = true
        advance(now: now)
    }

    /// Starts the checks, with the credentials from the peer's description. With `isLite` the peer said
    /// `a=ice-lite`: it only answers, so we control, unless we are lite as well (RFC 8445 §6.1.1).
    package mutating func setRemoteCredentials(_ remote: ICECredentials, isLite: Bool = false, now: MediaInstant) {
        guard isActive else { return }
        if isLite, !configuration.isLite { role = .controlling }
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

    /// Begins a new generation (RFC 8445 §9). Media keeps flowing on the old pair, and its consent goes on,
    /// until the new generation has nominated; that it is sought is told by the state.
    package mutating func restart(local: ICECredentials, now: MediaInstant) {
        guard state != .closed, local.ufrag != session.local.ufrag else { return }
        session = ICESession(local: local)
        resetChecklist()
        previousPath = nil
        checkingEndsAt = now + configuration.checkLifetime
        if state != .new { transition(to: .checking) }
    }

    /// The connection that a TCP path went over is gone, or could not be opened.
    package mutating func connectionClosed(to remote: TransportAddress, now: MediaInstant) {
        abandonPaths(now: now) { $0.remote == remote && $0.transport == .tcp }
    }

    /// The allocation has ended, and every path from its relayed address with it.
    package mutating func relayClosed(_ allocation: UInt8, now: MediaInstant) {
        abandonPaths(now: now) { $0.transport == .relay(allocation) }
        // Consent goes on to be asked for on the path that it was given for, until another takes its place.
        endedRelays.insert(allocation)
        forgetEndedRelays()
    }

    /// Takes the candidates and pairs of ended allocations out, but for those of the one that consent is on.
    mutating func forgetEndedRelays() {
        for allocation in endedRelays where consent?.path.transport != .relay(allocation) {
            locals.removeAll { $0.transport == .relay(allocation) }
            checklist.removePairs(over: .relay(allocation))
            endedRelays.remove(allocation)
        }
    }

    private mutating func abandonPaths(now: MediaInstant, where isGone: (ICEPath) -> Bool) {
        guard isActive else { return }
        for index in checklist.pairs.indices where isGone(checklist.pairs[index].path) {
            if nominating == checklist.pairs[index].path { nominating = nil }
            checklist.pairs[index].check = nil
            checklist.pairs[index].state = .failed
        }
        if let path = consent?.path, isGone(path) {
            // Whoever dialled dials again: the next consent check opens a connection.
            consent?.isBroken = true
            consent?.hurry(now: now)
            checklist.thaw(except: path)
        }
        if let path = provisionalPath, isGone(path) { provisionalPath = nil }
        advance(now: now)
    }

    /// Falls silent for good.
    package mutating func close() {
        stop(with: .closed)
        dropTransmits()
    }

    private func isOfThisGeneration(_ ufrag: String?) -> Bool {
        guard let ufrag, let remote = session.remote else { return true }
        return ufrag == remote.credentials.ufrag
    }
}
