package import LiveKitCore

extension ICEAgent {
    /// Takes one STUN datagram. Whatever it holds, an unauthenticated one changes nothing and is not answered.
    /// An unknown `local` address stands for the first local candidate of its family and transport.
    package mutating func receive(
        _ stun: RawSpan, from remote: TransportAddress, to local: TransportAddress, transport: ICETransport,
        now: MediaInstant
    ) {
        guard isActive, let candidate = resolve(local, remote: remote, transport: transport) else {
            statistics.unroutable += 1
            return
        }
        guard let message = try? STUNMessage(parsing: stun), message.method == .binding else {
            statistics.malformed += 1
            return
        }
        let path = ICEPath(local: candidate.address, remote: remote, transport: transport)
        switch message.messageClass {
        case .request: receiveRequest(message, on: path, local: candidate, now: now)
        case .success, .error: receiveResponse(message, on: path, now: now)
        case .indication: return  // A keepalive of RFC 8445 §11; says nothing.
        }
        advance(now: now)
    }

    // MARK: Requests, RFC 8445 §7.3

    private mutating func receiveRequest(
        _ request: STUNMessage, on path: ICEPath, local: ICECandidate, now: MediaInstant
    ) {
        let names = (request.username ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard names.count == 2, let ours = names.first, let theirs = names.last else {
            statistics.unknownUsernames += 1
            return
        }
        if let consent, ours != session.local.ufrag, ours == consent.session.local.ufrag {
            receiveRequestOfPreviousGeneration(request, on: path, consent: consent)
            return
        }
        guard ours == session.local.ufrag, session.accepts(senderUfrag: theirs) else {
            statistics.unknownUsernames += 1
            return
        }
        guard request.isAuthentic(key: session.localKey) else {
            statistics.unauthenticated += 1
            return
        }
        guard !refuseUnknownAttributes(request, on: path), !refuseRoleConflict(request, on: path) else { return }
        guard let index = pairIndex(forCheck: request, on: path, local: local) else {
            statistics.unroutable += 1
            return
        }
        if session.remote == nil { session.earlyRemoteUfrag = String(theirs) }
        respond(to: request, on: path, key: session.localKey)
        checklist.pairs[index].isValidated = true
        triggerCheck(index, now: now)
        if request.nominates, role == .controlled { receiveNomination(of: path, now: now) }
    }

    /// The peer's consent checks of the old pair go on while a restart is under way.
    private mutating func receiveRequestOfPreviousGeneration(
        _ request: STUNMessage, on path: ICEPath, consent: borrowing ICEConsent
    ) {
        guard path == consent.path, request.isAuthentic(key: consent.session.localKey) else {
            statistics.unauthenticated += 1
            return
        }
        respond(to: request, on: path, key: consent.session.localKey)
    }

    private mutating func refuseUnknownAttributes(_ request: STUNMessage, on path: ICEPath) -> Bool {
        let unknown = request.unknownRequiredTypes
        guard !unknown.isEmpty else { return false }
        refuse(request, with: .unknownAttribute, more: [.unknownAttributes(unknown)], on: path)
        return true
    }

    /// RFC 8445 §7.3.1.1: the agent with the larger tie-breaker controls.
    ///
    /// - Returns: Whether the request was refused, so that the peer changes its role and not we.
    private mutating func refuseRoleConflict(_ request: STUNMessage, on path: ICEPath) -> Bool {
        for attribute in request.attributes {
            let wins: Bool
            switch attribute {
            case .iceControlling(let theirs) where role == .controlling: wins = tieBreaker >= theirs
            case .iceControlled(let theirs) where role == .controlled: wins = tieBreaker < theirs
            default: continue
            }
            statistics.roleConflicts += 1
            if wins {
                refuse(request, with: .roleConflict, on: path)
                return true
            }
            switchRole(to: role.opposite)
            return false
        }
        return false
    }

    private mutating func refuse(
        _ request: STUNMessage, with error: STUNErrorCode, more: [STUNAttribute] = [], on path: ICEPath
    ) {
        let response = STUNMessage(
            class: .error, method: request.method, transactionID: request.transactionID,
            attributes: [.errorCode(error)] + more)
        transmit(response.encoded(key: session.localKey), on: path)
        statistics.responsesSent += 1
    }

    private mutating func respond(to request: STUNMessage, on path: ICEPath, key: STUNKey) {
        let response = STUNMessage(
            class: .success, method: request.method, transactionID: request.transactionID,
            attributes: [.xorMappedAddress(path.remote)])
        transmit(response.encoded(key: key), on: path)
        statistics.responsesSent += 1
    }

    /// The pair that an authenticated check came over; unknown remote addresses become peer-reflexive
    /// candidates (RFC 8445 §7.3.1.3).
    private mutating func pairIndex(
        forCheck request: STUNMessage, on path: ICEPath, local: ICECandidate
    ) -> Int? {
        if let index = checklist.index(of: path) { return index }
        let known = checklist.remotes.first { $0.address == path.remote && $0.transport == path.transport }
        let remote =
            known
            ?? ICECandidate(
                foundation: ICECandidate.foundation(kind: .peerReflexive, base: path.remote, transport: path.transport),
                transport: path.transport,
                priority: request.priority
                    ?? ICECandidate.priority(
                        kind: .peerReflexive, tcpType: path.transport == .tcp ? .active : nil, preference: 0),
                address: path.remote, kind: .peerReflexive)
        if known == nil, !checklist.insert(remote: remote, keeping: selectedPath) { return nil }
        var pair = ICECandidatePair(
            path: path, localPriority: local.priority, remotePriority: remote.priority, state: .frozen)
        pair.isValidated = true
        return checklist.insert(pair, role: role, keeping: selectedPath)
    }

    // MARK: Responses, RFC 8445 §7.2.5

    private mutating func receiveResponse(_ response: STUNMessage, on path: ICEPath, now: MediaInstant) {
        let isForConsent = consent?.isAwaiting(response.transactionID) ?? false
        let index = isForConsent ? nil : checklist.index(ofCheck: response.transactionID)
        let asked = isForConsent ? consent?.path : index.map { checklist.pairs[$0].path }
        // Only the address that was asked may answer (§7.2.5.2.1). Of ours the driver need not be sure.
        guard let asked, asked.remote == path.remote, asked.transport == path.transport else {
            statistics.unexpectedResponses += 1
            return
        }
        let key = isForConsent ? consent?.session.remote?.key : session.remote?.key
        guard let key, response.isAuthentic(key: key) else {
            statistics.unauthenticated += 1
            return
        }
        if response.messageClass == .error {
            receiveError(response.errorCode, forPair: index, now: now)
        } else if response.mappedAddress == nil {
            statistics.malformed += 1
        } else if let index {
            receiveSuccess(forPair: index, now: now)
        } else {
            receiveConsent(response.transactionID, now: now)
        }
    }

    private mutating func receiveSuccess(forPair index: Int, now: MediaInstant) {
        guard let check = checklist.pairs[index].check else { return }
        let path = checklist.pairs[index].path
        checklist.pairs[index].check = nil
        checklist.pairs[index].state = .succeeded
        checklist.pairs[index].isValidated = true
        checklist.pairs[index].lastResponseAt = now
        // Karn's rule: after a retransmission nobody knows which one was answered.
        if check.transmissions == 1 { recordRoundTrip(now - check.startedAt) }
        firstValidAt = firstValidAt ?? now
        if nominating == path { nominating = nil }
        if check.nominates, role == .controlling {
            select(path, now: now)
        } else if role == .controlled, checklist.pairs[index].isNominationPending {
            considerNomination(of: path, now: now)
        } else if consent?.path != path {
            consent?.hurry(now: now)
        }
        considerNominating(now: now)
    }

    private mutating func receiveError(_ error: STUNErrorCode?, forPair index: Int?, now: MediaInstant) {
        let isConflict = error?.code == STUNErrorCode.roleConflict.code
        guard let index, let check = checklist.pairs[index].check else {
            if isConflict { statistics.roleConflicts += 1 }
            return  // A consent check: only silence or success counts there.
        }
        if nominating == checklist.pairs[index].path { nominating = nil }
        guard isConflict else {
            checklist.pairs[index].check = nil
            checklist.pairs[index].state = .failed
            considerNominating(now: now)
            return
        }
        statistics.roleConflicts += 1
        if role == check.role { switchRole(to: check.role.opposite) }
        tieBreaker = random.next()  // RFC 8445 §7.2.5.1
        checklist.trigger(index)
    }

    private mutating func receiveConsent(_ id: STUNTransactionID, now: MediaInstant) {
        let next = now + spread(configuration.keepaliveInterval)
        guard let time = consent?.answered(id, now: now, nextAt: next) else { return }
        recordRoundTrip(time)
        transition(to: .connected)
    }

    private mutating func recordRoundTrip(_ sample: MediaDuration) {
        guard let smoothed = roundTripTime else {
            roundTripTime = sample
            return
        }
        roundTripTime = (smoothed * 7 + sample) / 8
    }
}
