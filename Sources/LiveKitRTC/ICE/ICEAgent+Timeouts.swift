package import LiveKitCore

extension ICEAgent {
    /// When ``handleTimeout(now:)`` next has something to do; `nil` while there is nothing to wait for.
    package var deadline: MediaInstant? {
        guard isActive else { return nil }
        var earliest = MediaInstant.earliest(nominationDueAt, consent == nil ? checkingEndsAt : nil)
        if let consent {
            earliest = .earliest(earliest, consent.nextRequestAt)
            earliest = .earliest(earliest, consentDeadline(of: consent))
        }
        guard session.remote != nil else { return earliest }
        for pair in checklist.pairs {
            earliest = .earliest(earliest, pair.check?.deadline)
        }
        if checklist.hasWaiting { earliest = .earliest(earliest, pacer.deadline) }
        return earliest
    }

    /// Does what is due. Calls before ``deadline`` are harmless.
    package mutating func handleTimeout(now: MediaInstant) {
        advance(now: now)
    }

    /// Brings everything that depends on time up to `now`.
    mutating func advance(now: MediaInstant) {
        guard isActive else { return }
        if !endedRelays.isEmpty { forgetEndedRelays() }
        watchConsent(now: now)
        if consent == nil, let checkingEndsAt, checkingEndsAt <= now {
            stop(with: .failed)
        }
        guard isActive, session.remote != nil else { return }
        for index in checklist.pairs.indices { continueCheck(index, now: now) }
        considerNominating(now: now)
        while checklist.hasWaiting, pacer.take(now: now) {
            guard let index = checklist.popWaiting(for: role) else { return }
            startCheck(index, nominates: false, now: now)
        }
    }

    private func consentDeadline(of consent: borrowing ICEConsent) -> MediaInstant {
        let disconnectedAt = consent.grantedAt + configuration.disconnectedTimeout
        let failedAt = disconnectedAt + configuration.failedTimeout
        if state == .disconnected { return failedAt }
        guard !isConcluded, let checkingEndsAt else { return disconnectedAt }
        return max(disconnectedAt, min(checkingEndsAt, failedAt))
    }

    private mutating func watchConsent(now: MediaInstant) {
        guard let consent else { return }
        let disconnectedAt = consent.grantedAt + configuration.disconnectedTimeout
        if now >= disconnectedAt + configuration.failedTimeout {
            loseConsent()
            return
        }
        if now >= disconnectedAt, isSettled(now: now) { transition(to: .disconnected) }
        if let nextRequestAt = consent.nextRequestAt, now >= nextRequestAt { requestConsent(now: now) }
        if isConcluded, !consent.hasThawed, consent.unansweredTime(now: now) >= configuration.recheckTimeout {
            self.consent?.hasThawed = true
            checklist.thaw(except: consent.path)
        }
    }

    /// Without consent nothing may be sent any more. A restart under way is not over for that.
    private mutating func loseConsent() {
        let isRestarting = !isConcluded
        guard isRestarting, checkingEndsAt != nil else {
            stop(with: .failed)
            return
        }
        consent = nil
        transition(to: .checking)
        selectProvisionally()
    }
}
