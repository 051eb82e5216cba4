internal import LiveKitCore

// Answers to our checks, RFC 8445 §7.2.5.
extension ICEAgent {
    mutating func receiveResponse(_ response: STUNMessage, on path: ICEPath, now: MediaInstant) {
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
            receiveSuccess(of: response.transactionID, forPair: index, now: now)
        } else {
            receiveConsent(response.transactionID, now: now)
        }
    }

    private mutating func receiveSuccess(of id: STUNTransactionID, forPair index: Int, now: MediaInstant) {
        guard let check = checklist.pairs[index].check else { return }
        let path = checklist.pairs[index].path
        checklist.pairs[index].check = nil
        checklist.pairs[index].state = .succeeded
        checklist.pairs[index].isValidated = true
        checklist.pairs[index].lastResponseAt = now
        if let sentAt = check.sentAt(of: id) { recordRoundTrip(now - sentAt) }
        firstValidAt = firstValidAt ?? now
        if nominating == path { nominating = nil }
        selectProvisionally()
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
        if let path = consent?.path, let index = checklist.index(of: path), isConcluded {
            checklist.pairs[index].state = .succeeded
            checklist.pairs[index].lastResponseAt = now
        }
        recordRoundTrip(time)
        if isSettled(now: now) { transition(to: .connected) }
    }

    private mutating func recordRoundTrip(_ sample: MediaDuration) {
        guard let smoothed = roundTripTime else {
            roundTripTime = sample
            return
        }
        roundTripTime = (smoothed * 7 + sample) / 8
    }
}
