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
        nominating = nil
        firstValidAt = nil
        nominationDueAt = nil
    }

    /// Forms the pair of two candidates if they can reach each other (RFC 8445 §6.1.2.2).
    mutating func formPair(_ local: ICECandidate, _ remote: ICECandidate) {
        let from = local.address
        let to = remote.address
        guard local.transport == remote.transport, from.family == to.family else { return }
        // Passive candidates wait; what dials them becomes peer-reflexive (RFC 6544 §6.2).
        guard local.transport == .udp || local.tcpType == .active else { return }
        // Our own loopback is no way to a peer elsewhere, and a peer must not aim us at our own services.
        guard !to.isLoopback || from.isLoopback else { return }
        guard from.family == .ipv4 || from.isLinkLocal == to.isLinkLocal else { return }
        let pair = ICECandidatePair(
            path: ICEPath(local: from, remote: to, transport: local.transport), localPriority: local.priority,
            remotePriority: remote.priority, state: isConcluded ? .frozen : .waiting)
        if checklist.insert(pair, role: role, keeping: selectedPath) == nil { statistics.ignoredCandidates += 1 }
    }

    /// The local candidate that a datagram belongs to. The driver may not know on which address it arrived, or
    /// know an address that is not the advertised one (behind NAT): then the first that could have been meant.
    func resolve(
        _ local: TransportAddress, remote: TransportAddress, transport: ICETransport
    ) -> ICECandidate? {
        locals.first { $0.address == local && $0.transport == transport }
            ?? locals.first { $0.address.family == remote.family && $0.transport == transport }
    }

    func localCandidate(of path: ICEPath) -> ICECandidate? {
        locals.first { $0.address == path.local && $0.transport == path.transport }
    }
}
