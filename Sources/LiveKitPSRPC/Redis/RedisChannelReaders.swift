/// Who reads one channel in this process.
struct RedisChannelReaders {
    private(set) var everyone: [RedisSubscriber.Reader] = []
    private var queue: [RedisSubscriber.Reader] = []
    private var turn = 0

    var isEmpty: Bool { everyone.isEmpty && queue.isEmpty }
    var all: [RedisSubscriber.Reader] { everyone + queue }

    mutating func add(_ reader: RedisSubscriber.Reader) {
        switch reader.sharing {
        case .everyone: everyone.append(reader)
        case .queue: queue.append(reader)
        }
    }

    /// - Returns: whether it was there.
    mutating func remove(_ reader: Int) -> Bool {
        let before = everyone.count + queue.count
        everyone.removeAll { $0.id == reader }
        queue.removeAll { $0.id == reader }
        return everyone.count + queue.count < before
    }

    /// Who of those that queue is next, in turn.
    mutating func nextOfQueue() -> RedisSubscriber.Reader? {
        guard !queue.isEmpty else { return nil }
        turn = (turn + 1) % queue.count
        return queue[turn]
    }
}
