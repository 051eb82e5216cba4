internal import Synchronization

/// What was decided about one connection's request to upgrade, between the decision and the upgraded socket.
final class Admission: Sendable {
    private enum State {
        case undecided
        case admitted(AdmittedSocket)
        case refused(HTTPFailure)
        case settled
    }

    private let state = Mutex(State.undecided)

    /// Keeps an admitted session for its socket. Returns `false` when the connection has gone meanwhile.
    func admit(_ session: AdmittedSocket) -> Bool {
        state.withLock { state in
            if case .settled = state { return false }
            state = .admitted(session)
            return true
        }
    }

    func refuse(_ failure: HTTPFailure) {
        state.withLock { $0 = .refused(failure) }
    }

    /// The admitted session, once. Whoever takes it must serve or end it.
    func takeSession() -> AdmittedSocket? {
        state.withLock { state in
            defer { state = .settled }
            guard case .admitted(let session) = state else { return nil }
            return session
        }
    }

    /// Why the upgrade was refused, once; the connection's first HTTP answer says so.
    func takeRefusal() -> HTTPFailure? {
        state.withLock { state in
            guard case .refused(let failure) = state else { return nil }
            state = .undecided
            return failure
        }
    }
}
