internal import Synchronization

/// How participants and publications reach their room's session, while there is one.
final class SessionLink: Sendable {
    private let current = Mutex<RoomSession?>(nil)

    var session: RoomSession {
        get throws(LiveKitError) {
            guard let session = current.withLock({ $0 }) else {
                throw LiveKitError(.invalidState, message: "The room is not connected.")
            }
            return session
        }
    }

    func set(_ session: RoomSession?) {
        current.withLock { $0 = session }
    }

    /// Ends the link and tells what it led to.
    func take() -> RoomSession? {
        current.withLock { session in
            defer { session = nil }
            return session
        }
    }
}
