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
        let path = ICEPath(local: candidate.base, remote: remote, transport: transport)
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
            receiveRequestOfPreviousGeneration(request, on: path, consent: consent, now: now)
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
        if configuration.isLite {
            // That the peer hears us is for the peer to find out (RFC 8445 §7.3.2).
            checklist.pairs[index].state = .succeeded
            hearConsent(on: path, of: session, now: now)
        } else {
            triggerCheck(index, now: now)
        }
        let number = request.nomination
        if request.nominates || number != nil, role == .controlled {
            receiveNomination(of: path, number: number, now: now)
        }
    }

    /// A lite agent goes on for as long as it is asked.
    private mutating func hearConsent(on path: ICEPath, of generation: ICESession, now: MediaInstant) {
        guard let consent, consent.path == path, consent.session.isSameGeneration(as: generation) else { return }
        self.consent?.heard(now: now)
        if isSettled(now: now) { transition(to: .connected) }
    }

    /// The peer's consent checks of the old pair go on while a restart is under way.
    private mutating func receiveRequestOfPreviousGeneration(
        _ request: STUNMessage, on path: ICEPath, consent: ICEConsent, now: MediaInstant
    ) {
        guard path == consent.path, request.isAuthentic(key: consent.session.localKey) else {
            statistics.unauthenticated += 1
            return
        }
        respond(to: request, on: path, key: consent.session.localKey)
        if configuration.isLite { hearConsent(on: path, of: consent.session, now: now) }
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
        var pair = ICECandidatePair(local, remote, state: .frozen)
        pair.isValidated = true
        return checklist.insert(pair, role: role, keeping: selectedPath)
    }
}

extension STUNMessage {
    /// The number of a repeated nomination (draft-thatcher-ice-renomination): libwebrtc's, where both sides offer the
    /// ICE option `renomination`. A larger number supersedes.
    fileprivate var nomination: UInt32? {
        let type: UInt16 = 0xC001
        for case .other(type, let value) in attributes where value.count == 4 {
            return value.reduce(0) { $0 << 8 | UInt32($1) }
        }
        return nil
    }
}
