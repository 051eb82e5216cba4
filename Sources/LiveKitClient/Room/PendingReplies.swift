/// Waits for answers by key: each request gets its answer, an error, or a timeout. Part of an actor's state.
///
/// Several may wait for one key; whatever comes first for it, all of them get.
struct PendingReplies<Key: Hashable & Sendable, Value: Sendable> {
    typealias Continuation = CheckedContinuation<Result<Value, LiveKitError>, Never>

    private var waiting: [Key: [Continuation]] = [:]
    private var count = 0

    mutating func add(_ key: Key, _ continuation: Continuation) {
        guard count < RoomLimits.pendingRequests else {
            continuation.resume(
                returning: .failure(LiveKitError(.invalidState, message: "Too many requests wait for an answer.")))
            return
        }
        count += 1
        waiting[key, default: []].append(continuation)
    }

    /// Answers a request; does nothing for one that has its answer, or ran out of time.
    mutating func resolve(_ key: Key, _ result: Result<Value, LiveKitError>) {
        let answered = waiting.removeValue(forKey: key) ?? []
        count -= answered.count
        for continuation in answered { continuation.resume(returning: result) }
    }

    mutating func failAll(_ error: LiveKitError) {
        for key in Array(waiting.keys) { resolve(key, .failure(error)) }
    }
}
