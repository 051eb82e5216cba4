internal import Synchronization

/// Wakes whoever keeps a copy of the rooms. What changed, the rooms say themselves (``RoomController/isChanged``).
final class RoomChanges: Sendable {
    private struct Waiting {
        var continuations: [CheckedContinuation<Void, Never>] = []
        /// Nobody keeps a copy any more.
        var isOver = false
    }

    /// Any number of changes are one wake.
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let waiting = Mutex(Waiting())

    var stream: AsyncStream<Void> { wakes.stream }

    func tell() { wakes.continuation.yield() }

    /// Waits until the copy has what changed before, or it turned out that it cannot.
    func settle() async {
        await withCheckedContinuation { continuation in
            let isOver = waiting.withLock { state in
                if !state.isOver { state.continuations.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() } else { tell() }
        }
    }

    /// Copies, and lets those go on who waited for it.
    func copy(_ write: () async -> Void) async {
        let waited = waiting.withLock { state in
            defer { state.continuations = [] }
            return state.continuations
        }
        await write()
        for continuation in waited { continuation.resume() }
    }

    /// Nothing is copied from now on.
    func end() {
        let waited = waiting.withLock { state in
            defer { state = Waiting(isOver: true) }
            return state.continuations
        }
        for continuation in waited { continuation.resume() }
    }
}
