internal import LiveKitCore

extension ICEAgent {
    /// Answers a check with a check (RFC 8445 §7.3.1.4): what has just come through in one direction is likely
    /// to get through in the other now.
    mutating func triggerCheck(_ index: Int, now: MediaInstant) {
        switch checklist.pairs[index].state {
        case .frozen, .waiting, .failed:
            checklist.trigger(index)
        case .inProgress:
            // The RFC starts another transaction; repeating this one at once opens the same door, and an answer to
            // either copy counts. Not sooner than Ta after the last copy, whatever the peer sends.
            guard let check = checklist.pairs[index].check, let planned = check.retransmitAt,
                check.sentAt.count < ICELimits.hastenedCopies
            else { return }
            checklist.pairs[index].check?.retransmitAt = min(
                planned, max(now, (check.sentAt.last ?? now) + configuration.pacing))
        case .succeeded:
            return
        }
    }

    /// Sends the first copy of a new check.
    mutating func startCheck(_ index: Int, nominates: Bool, now: MediaInstant) {
        let pair = checklist.pairs[index]
        checklist.pairs[index].check = ICECandidatePair.Check(
            id: STUNTransactionID(using: &random), role: role, nominates: nominates, startedAt: now,
            expiresAt: now + (nominates ? configuration.nominationLifetime : configuration.checkLifetime),
            sentAt: [])
        if pair.state != .succeeded { checklist.pairs[index].state = .inProgress }
        sendCopy(index, now: now)
    }

    private mutating func sendCopy(_ index: Int, now: MediaInstant) {
        let path = checklist.pairs[index].path
        guard let check = checklist.pairs[index].check, let remote = session.remote,
            let local = localCandidate(of: path)
        else { return }
        let id = check.id(ofCopy: check.sentAt.count)
        checklist.pairs[index].check?.sentAt.append(now)
        scheduleRetransmission(index, now: now)
        transmit(encodedCheck(id, in: session, remote: remote, local: local, nominates: check.nominates), on: path)
        statistics.checksSent += 1
    }

    /// Repeats a check or gives its pair up.
    mutating func continueCheck(_ index: Int, now: MediaInstant) {
        guard let check = checklist.pairs[index].check else { return }
        if check.expiresAt <= now {
            checklist.pairs[index].check = nil
            checklist.pairs[index].state = .failed
            if nominating == checklist.pairs[index].path { nominating = nil }
        } else if let retransmitAt = check.retransmitAt, retransmitAt <= now {
            sendCopy(index, now: now)
        }
    }

    /// Asks for consent on the selected pair.
    mutating func requestConsent(now: MediaInstant) {
        guard let path = consent?.path, let session = consent?.session, let remote = session.remote,
            let local = localCandidate(of: path)
        else { return }
        let id = STUNTransactionID(using: &random)
        let bytes = encodedCheck(id, in: session, remote: remote, local: local, nominates: role == .controlling)
        let silence = consent?.unansweredTime(now: now) ?? .zero
        let bounds = configuration.unansweredInterval
        let wait = min(max(bounds.lowerBound, silence / 4, (roundTripTime ?? .zero) * 2), bounds.upperBound)
        consent?.requested(id, now: now, nextAt: now + wait)
        transmit(bytes, on: path)
        statistics.checksSent += 1
    }

    /// Changes the role and forgets what only the old one had begun.
    mutating func switchRole(to next: ICERole) {
        role = next
        nominating = nil
        nominationDueAt = nil
        for index in checklist.pairs.indices where checklist.pairs[index].state == .inProgress {
            checklist.trigger(index)
        }
        for index in checklist.pairs.indices where checklist.pairs[index].check?.nominates == true {
            checklist.pairs[index].check = nil
        }
    }

    /// Spread by 0.8...1.2, so that many pairs do not fall into step (RFC 7675 §5.1).
    mutating func spread(_ duration: MediaDuration) -> MediaDuration {
        random.duration(in: (duration * 4 / 5)...(duration * 6 / 5))
    }

    /// The more pairs there are, the slower each is (RFC 8445 §14.3); but one that the peer has reached us by waits
    /// only for its like.
    private mutating func scheduleRetransmission(_ index: Int, now: MediaInstant) {
        guard checklist.pairs[index].path.transport != .tcp, let check = checklist.pairs[index].check else { return }
        let bounds = configuration.retransmission
        let wait = min(max(bounds.lowerBound, (now - check.startedAt) / 4), bounds.upperBound)
        let rivals =
            checklist.pairs[index].isValidated ? checklist.activeValidatedCount : checklist.activeCount
        checklist.pairs[index].check?.retransmitAt = now + max(wait, configuration.pacing * Int64(rivals))
    }

    private func encodedCheck(
        _ id: STUNTransactionID, in session: ICESession, remote: ICESession.Remote, local: ICECandidate,
        nominates: Bool
    ) -> [UInt8] {
        var attributes: [STUNAttribute] = [
            .username("\(remote.credentials.ufrag):\(session.local.ufrag)"),
            role == .controlling ? .iceControlling(tieBreaker) : .iceControlled(tieBreaker),
            .priority(local.peerReflexivePriority),
        ]
        if nominates { attributes.append(.useCandidate) }
        return STUNMessage(class: .request, method: .binding, transactionID: id, attributes: attributes)
            .encoded(key: remote.key)
    }
}
